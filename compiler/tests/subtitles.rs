//! Files of subtitles, and the character sets they are said to be in.

mod common;

use vidc_compiler::{Bindings, Options, required_facts, signatures};
use vidc_dsl::{Diagnostics, Sources, Syntax};

/// The codes of what is said of a talk with subtitles, once for each charset.
fn said(charsets: &[&str]) -> Vec<&'static str> {
    let subtitles = charsets
        .iter()
        .map(|charset| format!(" | subtitles(\"talk.srt\"{charset})"));
    let recipe = format!(
        "input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: talk{})",
        subtitles.collect::<String>()
    );
    let (_, diagnostics) = common::compiled(&recipe, &Options::default(), common::facts());
    diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect()
}

#[test]
fn a_file_is_in_one_character_set() {
    let (none, greek, russian) = ("", ", charset: \"iso-8859-7\"", ", charset: \"windows-1251\"");
    assert_eq!(said(&[greek, greek]), [""; 0]);
    assert_eq!(said(&[none, none]), [""; 0]);
    assert_eq!(said(&[greek, russian]), ["conflicting-parameters"]);
    assert_eq!(said(&[none, russian]), ["conflicting-parameters"]);
}

/// What flows in is not known, and the subtitles are wanted all the same.
#[test]
fn subtitles_are_wanted_together_with_the_media() {
    let mut facts = common::facts();
    facts.media.clear();
    facts.subtitles.clear();
    let recipe = "input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: talk | subtitles(\"talk.srt\", charset: \"koi8-r\"))";
    let mut sources = Sources::default();
    let file = sources.add("r.vidc", recipe.to_owned(), Syntax::Text);
    let file = sources.get(file).expect("the file was just added");
    let recipe = vidc_dsl::parse(file, &signatures(), &mut Diagnostics::new());
    let wanted = required_facts(&recipe, &Bindings::default(), &facts, &Options::default());
    assert!(wanted.media.contains("talk.mp4"));
    assert_eq!(wanted.subtitles["talk.srt"].as_deref(), Some("koi8-r"));
}
