//! Which characters a file's bytes stand for.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// A file's text.
pub(super) struct Decoded {
    pub(super) text: String,
    /// As the WHATWG Encoding Standard names it.
    pub(super) charset: String,
    /// Whether it is a guess rather than certain.
    pub(super) guessed: bool,
}

/// In the character set that the recipe tells.
pub(super) fn decode_as(bytes: &[u8], told: &str) -> Result<Decoded, String> {
    let Some(encoding) = Encoding::for_label(told.as_bytes()) else {
        return Err(format!(
            "there is no character set `{told}`; the names are those of the WHATWG Encoding Standard, such as `windows-1251`"
        ));
    };
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    match damaged {
        true => Err(format!(
            "it is not valid {}, which the recipe says it is",
            encoding.name()
        )),
        false => Ok(decoded(text.into_owned(), encoding, false)),
    }
}

/// By the byte order mark, else UTF-8 if it is valid, else by a guess from how often which bytes occur.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if damaged {
            return Err(format!(
                "it begins as {} and is not valid in it: it is damaged",
                encoding.name()
            ));
        }
        return Ok(decoded(text.into_owned(), encoding, false));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if text.contains('\0') {
            return Err("it is not text: it has zero bytes in it".to_owned());
        }
        return Ok(decoded(text.to_owned(), encoding_rs::UTF_8, false));
    }
    if bytes.contains(&0) {
        return Err("it is not text: it has zero bytes in it".to_owned());
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    match damaged {
        true => Err(format!(
            "its character set cannot be told (the best guess was {}, and it does not fit). Save it as UTF-8",
            encoding.name()
        )),
        false => Ok(decoded(text.into_owned(), encoding, true)),
    }
}

fn decoded(text: String, encoding: &'static Encoding, guessed: bool) -> Decoded {
    Decoded {
        text,
        charset: encoding.name().to_owned(),
        guessed,
    }
}
