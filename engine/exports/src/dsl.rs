//! A DSL file as a small tree: blocks, assignments, and code that is not looked into.
//!
//! ```text
//! def host = getResource('local').hostName      Code
//! resource 'a', hostType: 'CONCURRENT', {       Block: keyword, arguments, body
//!   hostName = host                             Assignment of a computed value
//!   acl { inheriting = '1' }                    Block within the block
//! }
//! ```
//!
//! Whatever is not one of these is code, as long as its brackets and quotes balance.

use crate::lexis::{
    ARGUMENT, ELEMENT, Extent, Fault, Input, Last, Parsed, STATEMENT, ahead, blank, close, ends, fault, nested, next,
    number, offset, quote_ahead, quoted, rest_of_line, skim, space, starts_word, word,
};
use crate::statement::{Argument, Assignment, Block, Code, Statement, Value};
use std::borrow::Cow;
use winnow::combinator::opt;
use winnow::error::ErrMode;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Stateful, Stream};
use winnow::token::{any, take_while};

/// Parses a file.
///
/// # Errors
///
/// An unclosed or unmatched quote or bracket, or too deep a nesting.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement<'_>>, Fault> {
    let mut input = Stateful { input: LocatingSlice::new(text), state: 0 };
    file(&mut input).map_err(|error| match error {
        ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => fault,
        ErrMode::Incomplete(_) => Fault { at: text.len(), expected: "more text".into(), found: None },
    })
}

fn file<'s>(input: &mut Input<'s>) -> Parsed<Vec<Statement<'s>>> {
    if opt("#!").parse_next(input)?.is_some() {
        rest_of_line(input)?;
    }
    let statements = statements(input)?;
    if next(input).is_some() {
        return fault(offset(input), "a statement");
    }
    Ok(statements)
}

/// Statements up to a closing brace or the end of the text.
fn statements<'s>(input: &mut Input<'s>) -> Parsed<Vec<Statement<'s>>> {
    let mut statements = Vec::new();
    loop {
        space(input)?;
        match next(input) {
            None | Some('}') => return Ok(statements),
            Some(';') => any.void().parse_next(input)?,
            Some(')' | ']') => return fault(offset(input), "a statement"),
            Some(_) => statements.push(statement(input)?),
        }
    }
}

fn statement<'s>(input: &mut Input<'s>) -> Parsed<Statement<'s>> {
    let at = offset(input);
    let Some(first) = opt(word).parse_next(input)? else { return other_code(input) };
    let code = |input: &mut Input<'s>, last| {
        skim(input, STATEMENT, last)?;
        Ok(Statement::Code(Code { begins: first, at }))
    };
    match first {
        // A star at the end of these lines is no operator.
        "import" | "package" => {
            rest_of_line(input)?;
            return Ok(Statement::Code(Code { begins: first, at }));
        }
        "return" | "throw" | "assert" | "else" => return code(input, Last::Keyword),
        word if is_reserved(word) => return code(input, Last::Value),
        _ => {}
    }
    let glued = offset(input);
    blank(input)?;
    let separate = offset(input) > glued;
    match next(input) {
        Some('=') if is_assignment(ahead(input)) => assignment(input, first),
        Some('{') => block(input, first, at, Vec::new()),
        Some('(') => call(input, first, at),
        Some('\'' | '"') => command(input, first, at),
        Some(next) if separate && begins_argument(ahead(input), next) => command(input, first, at),
        _ => code(input, Last::Value),
    }
}

fn other_code<'s>(input: &mut Input<'s>) -> Parsed<Statement<'s>> {
    let (at, text) = (offset(input), ahead(input));
    let begins = text.get(..text.chars().next().map_or(0, char::len_utf8)).unwrap_or_default();
    skim(input, STATEMENT, Last::Start)?;
    Ok(Statement::Code(Code { begins, at }))
}

/// Words that begin code even where a block could follow.
fn is_reserved(word: &str) -> bool {
    const WORDS: [&str; 24] = [
        "if",
        "for",
        "while",
        "do",
        "switch",
        "case",
        "default",
        "try",
        "catch",
        "finally",
        "break",
        "continue",
        "def",
        "final",
        "static",
        "private",
        "public",
        "protected",
        "class",
        "interface",
        "enum",
        "new",
        "synchronized",
        "var",
    ];
    WORDS.contains(&word)
}

fn is_assignment(text: &str) -> bool {
    !text.starts_with("==") && !text.starts_with("=~")
}

/// Whether an argument without parentheses begins here, not an operator or the name in a declaration.
fn begins_argument(text: &str, first: char) -> bool {
    if !starts_word(first) {
        return first.is_ascii_digit() || text.starts_with("$/");
    }
    let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let word = text.get(..text.len() - rest.len()).unwrap_or_default();
    let declares =
        rest.trim_start_matches([' ', '\t']).strip_prefix('=').is_some_and(|_| is_assignment(rest.trim_start()));
    !declares && !matches!(word, "in" | "as" | "instanceof")
}

fn assignment<'s>(input: &mut Input<'s>, name: &'s str) -> Parsed<Statement<'s>> {
    "=".void().parse_next(input)?;
    space(input)?;
    let at = offset(input);
    let value = value(input, STATEMENT)?;
    Ok(Statement::Assignment(Assignment { name, value, at }))
}

/// `keyword(argument, …) { … }`
fn call<'s>(input: &mut Input<'s>, keyword: &'s str, at: usize) -> Parsed<Statement<'s>> {
    let arguments = bracketed(input)?;
    blank(input)?;
    if next(input) != Some('{') && !ends(input, STATEMENT, Last::Value) {
        skim(input, STATEMENT, Last::Value)?;
        return Ok(Statement::Code(Code { begins: keyword, at }));
    }
    block(input, keyword, at, arguments)
}

/// `keyword argument, …, { … }`
fn command<'s>(input: &mut Input<'s>, keyword: &'s str, at: usize) -> Parsed<Statement<'s>> {
    let mut arguments = Vec::new();
    loop {
        arguments.push(argument(input, ARGUMENT)?);
        blank(input)?;
        if opt(",").parse_next(input)?.is_none() {
            return block(input, keyword, at, arguments);
        }
        space(input)?;
        if next(input) == Some('{') {
            return block(input, keyword, at, arguments);
        }
    }
}

/// The end of a block, from its braces on, if it has any.
fn block<'s>(
    input: &mut Input<'s>,
    keyword: &'s str,
    at: usize,
    arguments: Vec<Argument<'s>>,
) -> Parsed<Statement<'s>> {
    let body = (next(input) == Some('{')).then(|| body(input)).transpose()?;
    // Whatever is done with what the block gives is of no concern here.
    skim(input, STATEMENT, Last::Value)?;
    Ok(Statement::Block(Block { keyword, arguments, body, at }))
}

fn body<'s>(input: &mut Input<'s>) -> Parsed<Vec<Statement<'s>>> {
    let at = offset(input);
    "{".void().parse_next(input)?;
    let statements = nested(input, statements)?;
    close(input, at, '{')?;
    Ok(statements)
}

/// The elements between the bracket that begins here and the one that closes it.
fn bracketed<'s>(input: &mut Input<'s>) -> Parsed<Vec<Argument<'s>>> {
    let at = offset(input);
    let opener = any.parse_next(input)?;
    let elements = nested(input, elements)?;
    close(input, at, opener)?;
    Ok(elements)
}

fn elements<'s>(input: &mut Input<'s>) -> Parsed<Vec<Argument<'s>>> {
    let mut elements = Vec::new();
    loop {
        space(input)?;
        if matches!(next(input), None | Some(')' | ']' | '}')) {
            return Ok(elements);
        }
        elements.push(argument(input, ELEMENT)?);
        space(input)?;
        if opt(",").parse_next(input)?.is_none() {
            return Ok(elements);
        }
    }
}

fn argument<'s>(input: &mut Input<'s>, extent: Extent) -> Parsed<Argument<'s>> {
    let name = argument_name(input)?;
    if name.is_some() {
        space(input)?;
    }
    let at = offset(input);
    Ok(Argument { name, value: value(input, extent)?, at })
}

/// `name:` or `'name':`
fn argument_name<'s>(input: &mut Input<'s>) -> Parsed<Option<Cow<'s, str>>> {
    let start = input.checkpoint();
    let name = match quote_ahead(input, Last::Value) {
        Some(quote) => quoted(input, quote)?.or(Some(Cow::Borrowed(""))),
        None => opt(word).parse_next(input)?.map(Cow::Borrowed),
    };
    blank(input)?;
    if name.is_some() && !ahead(input).starts_with("::") && opt(":").parse_next(input)?.is_some() {
        return Ok(name);
    }
    input.reset(&start);
    Ok(None)
}

fn value<'s>(input: &mut Input<'s>, extent: Extent) -> Parsed<Value<'s>> {
    let at = offset(input);
    let value = simple_value(input)?;
    let last = if value.is_some() { Last::Value } else { Last::Start };
    if extent.line {
        blank(input)?
    } else {
        space(input)?
    }
    let before_body = next(input) == Some('{') && matches!(value, Some(Value::Text(_)));
    if value.is_some() && (before_body || ends(input, extent, last)) {
        return Ok(value.unwrap_or(Value::Computed));
    }
    skim(input, extent, last)?;
    if offset(input) == at {
        return fault(at, "a value");
    }
    Ok(Value::Computed)
}

fn simple_value<'s>(input: &mut Input<'s>) -> Parsed<Option<Value<'s>>> {
    if let Some(quote) = quote_ahead(input, Last::Start) {
        return Ok(Some(quoted(input, quote)?.map_or(Value::Computed, Value::Text)));
    }
    Ok(match next(input) {
        Some('[') => Some(list(input)?),
        Some(first) if first.is_ascii_digit() => Some(Value::Number(number(input)?)),
        Some(first) if starts_word(first) => Some(match word(input)? {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "null" => Value::Null,
            _ => Value::Computed,
        }),
        _ => None,
    })
}

fn list<'s>(input: &mut Input<'s>) -> Parsed<Value<'s>> {
    let empty_map: Option<&str> =
        opt(("[", take_while(0.., (' ', '\t')), ":", take_while(0.., (' ', '\t')), "]").take()).parse_next(input)?;
    if empty_map.is_some() {
        return Ok(Value::Map);
    }
    let elements = bracketed(input)?;
    if elements.iter().any(|element| element.name.is_some()) {
        return Ok(Value::Map);
    }
    Ok(Value::List(elements.into_iter().map(|element| (element.value, element.at)).collect()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::source::Source;
    use std::path::Path;

    /// The tree in short: `keyword(arguments){body}`, `name=value`, `<code>`.
    fn tree(text: &str) -> String {
        short(&parse(text).unwrap_or_else(|fault| panic!("{fault:?} in {text}")))
    }

    fn short(statements: &[Statement<'_>]) -> String {
        statements.iter().map(short_statement).collect::<Vec<_>>().join(" ")
    }

    fn short_statement(statement: &Statement<'_>) -> String {
        match statement {
            Statement::Code(code) => format!("<{}>", code.begins),
            Statement::Assignment(set) => format!("{}={}", set.name, short_value(&set.value)),
            Statement::Block(block) => {
                let arguments = block.arguments.iter().map(|argument| match &argument.name {
                    Some(name) => format!("{name}:{}", short_value(&argument.value)),
                    None => short_value(&argument.value),
                });
                let arguments = arguments.collect::<Vec<_>>().join(",");
                let body = block.body.as_deref().map_or(String::new(), |body| format!("{{{}}}", short(body)));
                format!("{}({arguments}){body}", block.keyword)
            }
        }
    }

    fn short_value(value: &Value<'_>) -> String {
        match value {
            Value::Text(text) => format!("'{text}'"),
            Value::Number(number) => (*number).to_owned(),
            Value::Boolean(is) => is.to_string(),
            Value::Null => "null".into(),
            Value::List(values) => {
                format!("[{}]", values.iter().map(|(value, _)| short_value(value)).collect::<Vec<_>>().join(","))
            }
            Value::Map => "[:]".into(),
            Value::Computed => "?".into(),
        }
    }

    /// The value that an assignment gives.
    fn value_of(text: &str) -> String {
        tree(&format!("x = {text}")).strip_prefix("x=").unwrap().to_owned()
    }

    fn error(text: &str) -> String {
        let fault = parse(text).unwrap_err();
        let source = Source::new(Path::new(""), Path::new("f.dsl"), text.as_bytes()).unwrap();
        let found = fault.found.map_or_else(|| source.found(fault.at), str::to_owned);
        source.error(fault.at, fault.expected, found).to_string()
    }

    #[test]
    fn a_block_may_have_parentheses_or_not_and_arguments_in_any_form() {
        assert_eq!(tree("acl { inheriting = '1' }"), "acl(){inheriting='1'}");
        assert_eq!(tree("acl{inheriting='0'}"), "acl(){inheriting='0'}");
        assert_eq!(tree("gate 'PRE', {\n  }\n"), "gate('PRE'){}");
        assert_eq!(tree("stage('QA') { }"), "stage('QA'){}");
        assert_eq!(tree("stage(stageName: 'QA',\n) {}"), "stage(stageName:'QA'){}");
        assert_eq!(
            tree("aclEntry 'user', principalName: 'x', {\n a = 'b'; c = 'd' }"),
            "aclEntry('user',principalName:'x'){a='b' c='d'}"
        );
        assert_eq!(
            tree("aclEntry principalType: 'user',\n\t principalName: 'x',\n readPrivilege: 'allow'\n"),
            "aclEntry(principalType:'user',principalName:'x',readPrivilege:'allow')"
        );
        assert_eq!(tree("procedure 'p',\n  resourceName: '$[pool]',\n{\n}"), "procedure('p',resourceName:'$[pool]'){}");
        assert_eq!(tree("project \"ET\",{ release 'a' }"), "project('ET'){release('a')}");
    }

    #[test]
    fn values_are_read_in_every_form_that_needs_no_running() {
        assert_eq!(value_of("'a \\'b\\' \\\\ \\n\\t\\u0041\\ud83d\\ude00'"), "'a 'b' \\ \n\tA\u{1f600}'");
        assert_eq!(value_of("\"it's \\$x $[/my/prop] \\\"q\\\"\""), "'it's $x $[/my/prop] \"q\"'");
        assert_eq!(value_of("'''two\nlines, 'quoted' ''' "), "'two\nlines, 'quoted' '");
        assert_eq!(value_of("\"\"\"two\n\"lines\" \"\"\""), "'two\n\"lines\" '");
        assert_eq!(value_of("'''a\\\nb'''"), "'ab'");
        assert_eq!(value_of("/a\\/b '/"), "'a/b ''");
        assert_eq!(value_of("$/a/b $$ $/ '/$"), "'a/b $ / ''");
        assert_eq!(value_of("['a', 'b', ]"), "['a','b']");
        assert_eq!(value_of("[\n 'a', // one\n [1, true, null]\n]"), "['a',[1,true,null]]");
        assert_eq!(value_of("['k': 'v', 'l': [1]]"), "[:]");
        assert_eq!(value_of("[ : ]"), "[:]");
        assert_eq!(value_of("[]"), "[]");
        assert_eq!(value_of("1"), "1");
    }

    #[test]
    fn what_only_running_would_tell_is_computed() {
        for text in [
            "Host",
            "\"a $b\"",
            "\"a ${b + \"}\"} c\"",
            "'a' + 'b'",
            "'a' +\n 'b'",
            "new File(d, 'x').text",
            "a ? 'b' : 'c'",
        ] {
            assert_eq!(value_of(text), "?", "{text}");
        }
        for text in [
            "'''a\n'''.stripIndent()",
            "'a'\n  .trim()",
            "-1",
            "1.5",
            "{ it -> 1 }",
            "'\\q'",
            "'\\ud83d'",
            "~/a'b/",
            "x = 'y'",
        ] {
            assert_eq!(value_of(text), "?", "{text}");
        }
        assert_eq!(tree("a = 'b' +\n 'c'\nd = 'e'"), "a=? d='e'");
        assert_eq!(value_of("['a', b, 'c' + d]"), "['a',?,?]");
    }

    #[test]
    fn code_is_passed_over_as_long_as_it_balances() {
        assert_eq!(tree("def x = getResource(name: \"}\").host\nresource 'r', { }"), "<def> resource('r'){}");
        assert_eq!(tree("if (a) {\n acl { }\n} else {\n acl { }\n}\nacl { }"), "<if> acl(){}");
        assert_eq!(tree("if (a)\n{\n acl { }\n}\nelse\n{\n}\nacl { }"), "<if> <{> <else> <{> acl(){}");
        assert_eq!(
            tree("types.each { type ->\n aclEntry 'user', principalName: \"$x\"\n}\nacl { }"),
            "<types> acl(){}"
        );
        assert_eq!(tree("import java.io.*\npackage a.b\nacl { }"), "<import> <package> acl(){}");
        assert_eq!(
            tree("@BaseScript Base b\nString s = 'x'\nMap<String, List<String>> m = [:]\nacl { }"),
            "<@> <String> <Map> acl(){}"
        );
        assert_eq!(tree("i++\nfoo(1).bar('}')\na.b = 'c'\na == b\nwait:\nacl { }"), "<i> <foo> <a> <a> <wait> acl(){}");
        assert_eq!(tree("\"${type}\" name, {\n acl { }\n}\nacl { }"), "<\"> acl(){}");
        assert_eq!(tree("x = a / b / c\ny = [1, 2].collect { it / 2 } // '\nacl { }"), "x=? y=? acl(){}");
        assert_eq!(tree("def r = s =~ /it's {/\nreturn /'/\nacl { }"), "<def> <return> acl(){}");
        assert_eq!(tree("#!/usr/bin/env 'groovy\nacl { }"), "acl(){}");
        assert_eq!(tree("a = b\n  .c('x')\n  ?.d()\nacl { }"), "a=? acl(){}");
        assert_eq!(tree("x = y \\/ '/'\nacl { }"), "x=? acl(){}");
    }

    #[test]
    fn what_looks_like_a_block_in_text_or_in_a_comment_is_none() {
        assert_eq!(
            tree("d = 'acl { aclEntry'\n// acl {\n/* aclEntry '\n*/ e = '''\nacl {\n'''"),
            "d='acl { aclEntry' e='\nacl {\n'"
        );
    }

    #[test]
    fn line_ends_may_be_of_any_kind() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                ["acl {", "  inheriting = '1'", "  aclEntry 'user',", "    principalName: 'x', { }", "} // end", ""]
                    .join(end);
            assert_eq!(tree(&text), "acl(){inheriting='1' aclEntry('user',principalName:'x'){}}", "{end:?}");
        }
    }

    #[test]
    fn an_unclosed_quote_or_bracket_is_an_error_where_it_opens() {
        assert_eq!(
            error("acl {\n  inheriting = '1\n}"),
            "f.dsl:2:16: expected `'` to close the `'` opened here, found end of line"
        );
        assert_eq!(error("x = 'a"), "f.dsl:1:5: expected `'` to close the `'` opened here, found end of file");
        assert_eq!(
            error("x = '''a\n''"),
            "f.dsl:1:5: expected `'''` to close the `'''` opened here, found end of file"
        );
        assert_eq!(error("é { \"${a\" }"), "f.dsl:1:9: expected `\"` to close the `\"` opened here, found end of file");
        assert_eq!(error("acl {\n\n"), "f.dsl:1:5: expected `}` to close the `{` opened here, found end of file");
        assert_eq!(
            error("acl {\n x = ['a',\n"),
            "f.dsl:2:6: expected `]` to close the `[` opened here, found end of file"
        );
        assert_eq!(error("def f(a, {\n"), "f.dsl:1:10: expected `}` to close the `{` opened here, found end of file");
        assert_eq!(error("\n /* a"), "f.dsl:2:2: expected `*/` to close the `/*` opened here, found end of file");
    }

    #[test]
    fn a_bracket_that_does_not_match_is_an_error_where_it_stands() {
        assert_eq!(error("acl { }\n}"), "f.dsl:2:1: expected a statement, found `}`");
        assert_eq!(error("acl { )"), "f.dsl:1:7: expected a statement, found `)`");
        assert_eq!(error("x = ['a')"), "f.dsl:1:9: expected `]`, found `)`");
        assert_eq!(error("def x = f(1]"), "f.dsl:1:12: expected `)`, found `]`");
    }

    #[test]
    fn a_missing_value_is_an_error() {
        assert_eq!(error("acl { inheriting = }"), "f.dsl:1:20: expected a value, found `}`");
        assert_eq!(error("gate 'PRE', "), "f.dsl:1:13: expected a value, found end of file");
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        for (opener, closer) in
            [("{", "}"), ("a {", "}"), ("x = [", "]"), ("f(", ")"), ("\"${", "}\""), ("x = /${", "}/")]
        {
            let text = format!("{}{}", opener.repeat(100_000), closer.repeat(100_000));
            assert!(error(&text).contains("expected at most 128 levels of nesting"), "{opener}");
            let text = format!("{}{}", opener.repeat(100), closer.repeat(100));
            assert!(parse(&text).is_ok(), "{opener}");
        }
    }

    #[test]
    fn every_beginning_of_a_file_parses_or_is_refused() {
        let text = "#!x\ndef é = \"a ${b[1]} $c\" /* x */\nacl{ inheriting='0'; aclEntry 'user', principalName: /a\\/b/, { r = $/x$$/$ } }\n\
                    a.b(c: [1, 'x': '\\u0041'], d)\r\n'''\n'''.x()\n";
        let parsed = text.char_indices().filter(|(at, _)| parse(text.get(..*at).unwrap()).is_ok()).count();
        assert!(parsed > 20 && parsed < text.len() - 20, "{parsed}");
    }
}
