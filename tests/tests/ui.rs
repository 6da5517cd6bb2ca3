//! What the compiler says about mistakes: one case for each rule of the derives, and for the
//! mistakes that users of a table make.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
