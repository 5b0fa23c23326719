use crate::digits::{decimal, places};

#[test]
fn numbers_are_written_as_people_write_them() {
    for number in [0, 7, 10, 99, 100, 1_234_567_890, u64::MAX] {
        let mut text = Vec::new();
        decimal(number, &mut text);
        assert_eq!(text, number.to_string().as_bytes());
    }
    let mut text = Vec::new();
    places(42, 6, &mut text);
    assert_eq!(text, b"000042");
}
