//! What does not compile, and what the compiler says.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn an_integer_compared_with_text_is_one_error_of_at_most_16_lines_whose_first_names_both_types() {
    for (text, message) in [
        ("\"five\"", include_str!("ui/integer_compared_with_a_text.stderr")),
        ("Document::TITLE", include_str!("ui/integer_compared_with_a_column_of_text.stderr")),
    ] {
        let lines: Vec<&str> = message.lines().collect();
        assert!(lines.len() <= 16, "{text}: {} lines\n{message}", lines.len());
        assert_eq!(message.matches("error").count(), 1, "{message}");
        assert!(
            lines[0].contains("`i64`") && (lines[0].contains("str`") || lines[0].contains("String>`")),
            "{}",
            lines[0]
        );
    }
}
