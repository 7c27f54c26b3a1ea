//! Decodes text files in any character set.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Decoded text.
pub(super) struct Decoded {
    pub(super) text: String,
    /// Its name in the WHATWG Encoding Standard.
    pub(super) charset: String,
    /// Whether the character set was guessed.
    pub(super) guessed: bool,
}

/// Decodes text in the character set that the recipe names.
pub(super) fn decode_as(bytes: &[u8], charset: &str) -> Result<Decoded, String> {
    let Some(encoding) = Encoding::for_label(charset.as_bytes()) else {
        return Err(format!(
            "there is no character set `{charset}`; use a name of the WHATWG Encoding Standard, such as `windows-1251`"
        ));
    };
    let (text, has_errors) = encoding.decode_with_bom_removal(bytes);
    match has_errors {
        true => Err(format!(
            "it is not valid {}, the character set that the recipe names",
            encoding.name()
        )),
        false => Ok(decoded(text.into_owned(), encoding, false)),
    }
}

/// Decodes text by its byte order mark, else as UTF-8 if it is valid, else in a character set guessed from byte frequencies.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, has_errors) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if has_errors {
            return Err(format!(
                "its byte order mark says {}, but it is not valid {0}: it is damaged",
                encoding.name()
            ));
        }
        return Ok(decoded(text.into_owned(), encoding, false));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if text.contains('\0') {
            return Err("it is not text: it contains zero bytes".to_owned());
        }
        return Ok(decoded(text.to_owned(), encoding_rs::UTF_8, false));
    }
    if bytes.contains(&0) {
        return Err("it is not text: it contains zero bytes".to_owned());
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    match has_errors {
        true => Err(format!(
            "its character set cannot be detected (it is not valid {}, the best guess). Save it as UTF-8",
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
