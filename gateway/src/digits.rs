//! Numbers as text, into a buffer that is there already: written several times for every request.

/// Appends `number` in decimal.
pub(crate) fn decimal(mut number: u64, to: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    to.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// Appends `number` in decimal with exactly `places` digits.
pub(crate) fn places(number: u64, places: u32, to: &mut Vec<u8>) {
    for place in (0..places).rev() {
        to.push(b'0' + (number / 10_u64.pow(place) % 10) as u8);
    }
}
