//! The same number each time: what a hash begins with matters only to who fears chosen keys.

#![no_std]

/// A number of the type that is named.
#[macro_export]
macro_rules! const_random {
    (u64) => {
        0x6a09_e667_f3bc_c908_u64
    };
}
