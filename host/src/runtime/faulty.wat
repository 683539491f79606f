;; A module with the engine's exports that misbehaves on demand, for the tests of the runtime. What `call` does is
;; said by the request's first letter.
(module
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const 16) "{\22error\22:{\22code\22:\22InvalidArgument\22,\22message\22:\22not a change set\22}}")
  (data (i32.const 128) "state")

  (func (export "engine_new") (result i32) (i32.const 1))
  (func (export "engine_free") (param i32))
  (func (export "free") (param i32 i32))

  ;; Never gives anything back.
  (func $alloc (export "alloc") (param $length i32) (result i32)
    (local $address i32)
    (local.set $address (global.get $free))
    (global.set $free (i32.add (local.get $address) (local.get $length)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (drop (memory.grow (i32.add (i32.shr_u (local.get $length) (i32.const 16)) (i32.const 1)))))
    (local.get $address))

  (func $pack (param $address i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $address)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  (func $recurse (param $depth i64) (result i64)
    (i64.add (call $recurse (i64.add (local.get $depth) (i64.const 1))) (local.get $depth)))

  (func $is (param $input i32) (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (local.get $input)) (local.get $letter)))

  (func (export "call") (param $engine i32) (param $input i32) (param $length i32) (result i64)
    ;; `u`: stops
    (if (call $is (local.get $input) (i32.const 0x75)) (then unreachable))
    ;; `l`: loops for ever
    (if (call $is (local.get $input) (i32.const 0x6c)) (then (loop $again (br $again))))
    ;; `g`: grows for ever
    (if (call $is (local.get $input) (i32.const 0x67))
      (then (loop $again (drop (memory.grow (i32.const 16))) (br $again))))
    ;; `r`: recurses for ever
    (if (call $is (local.get $input) (i32.const 0x72)) (then (return (call $recurse (i64.const 0)))))
    ;; `b`: an answer beyond the memory
    (if (call $is (local.get $input) (i32.const 0x62))
      (then (return (call $pack (i32.const 0xfffffff0) (i32.const 0x100)))))
    ;; `n`: no answer
    (if (call $is (local.get $input) (i32.const 0x6e)) (then (return (i64.const 0))))
    ;; anything else: the request itself
    (call $pack (local.get $input) (local.get $length)))

  ;; `b` is refused.
  (func $deliver (param $engine i32) (param $input i32) (param $length i32) (result i64)
    (if (call $is (local.get $input) (i32.const 0x62))
      (then (return (call $pack (i32.const 16) (i32.const 65)))))
    (i64.const 0))
  (export "apply" (func $deliver))
  (export "restore" (func $deliver))

  (export "reveal" (func $deliver))
  (export "password_of" (func $deliver))

  (func (export "take_private") (param i32) (result i64) (i64.const 0))
  (func (export "next_end") (param i32 i64) (result i64) (i64.const 9223372036854775807))
  (func (export "take_changes") (param i32) (result i64) (i64.const 0))
  (func (export "snapshot") (param i32) (result i64) (call $pack (i32.const 128) (i32.const 5)))
  (func (export "scratch") (param i32) (result i32) (i32.const 1024))

  ;; `u…` is known by its length, all else unknown.
  (func $resolve (param $engine i32) (param $length i32) (result i64)
    (select
      (i64.extend_i32_u (local.get $length))
      (i64.const -1)
      (call $is (i32.const 1024) (i32.const 0x75))))
  (export "resolve_principal" (func $resolve))
  (export "resolve_object" (func $resolve))
  (func (export "object_stamp") (param i32) (result i64) (i64.const 7))

  ;; Answers the privilege's own number; 9 stops.
  (func (export "check_handle") (param i32 i32 i32 i64) (param $privilege i32) (param i64) (result i32)
    (if (i32.eq (local.get $privilege) (i32.const 9)) (then unreachable))
    (local.get $privilege))

  ;; Answers 1 where the path begins as one.
  (func (export "check_path") (param i32 i32 i32 i32 i64) (result i32)
    (call $is (i32.const 1024) (i32.const 0x2f)))

  ;; Answers 1 where the path's first letter is where it should be.
  (func (export "check_text") (param i32) (param $principal i32) (param $privilege i32) (param i32 i64) (result i32)
    (call $is
      (i32.add (i32.const 1024) (i32.add (local.get $principal) (local.get $privilege)))
      (i32.const 0x2f))))
