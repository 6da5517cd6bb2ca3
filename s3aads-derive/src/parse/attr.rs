//! The settings of `#[s3(...)]` attributes.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, LitStr, Path, Token, parenthesized};

use crate::errors::Errors;
use crate::model::{Index, Spanned};

/// One setting, `name`, `name = value`, or `index(name, columns = "...")`.
pub(crate) struct Setting {
    name: Ident,
    value: Option<Lit>,
    index: Option<(Ident, LitStr)>,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = Ident::parse_any(input)?;
        if input.peek(syn::token::Paren) {
            let content;
            let _ = parenthesized!(content in input);
            if name == "index" {
                let index = Some(index(&content)?);
                return Ok(Self {
                    name,
                    value: None,
                    index,
                });
            }
            return Err(content.error(format!(
                "`{name}` takes no parentheses: write `{name}` or `{name} = ...`"
            )));
        }
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self {
            name,
            value,
            index: None,
        })
    }
}

/// What stands in the parentheses of `index(name, columns = "a, b")`.
fn index(input: ParseStream<'_>) -> syn::Result<(Ident, LitStr)> {
    const EXPECTED: &str = "an index of several columns has a name and the columns: \
                            `index(by_city, columns = \"city, day\")`";
    let fail = |error: syn::Error| syn::Error::new(error.span(), EXPECTED);
    let name = Ident::parse_any(input).map_err(fail)?;
    input.parse::<Token![,]>().map_err(fail)?;
    let setting = Ident::parse_any(input).map_err(fail)?;
    input.parse::<Token![=]>().map_err(fail)?;
    let columns = input.parse::<LitStr>().map_err(fail)?;
    let _ = input.parse::<Option<Token![,]>>()?;
    if setting != "columns" || !input.is_empty() {
        return Err(syn::Error::new(setting.span(), EXPECTED));
    }
    Ok((name, columns))
}

impl Setting {
    pub(crate) fn name(&self) -> String {
        self.name.to_string()
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// A setting without a value; one that has one counts nonetheless.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<Span> {
        if self.index.is_some() {
            let name = &self.name;
            errors.push(
                name.span(),
                format!(
                    "on a field `{name}` takes no parentheses; write `{name}(...)` above the struct"
                ),
            );
        }
        if let Some(value) = &self.value {
            let name = &self.name;
            errors.push(
                value.span(),
                format!("`{name}` takes no value; write `{name}` alone"),
            );
        }
        Some(self.name.span())
    }

    /// An index of the struct.
    pub(crate) fn index(&self, errors: &mut Errors) -> Option<Index> {
        let Some((name, columns)) = &self.index else {
            errors.push(
                self.name.span(),
                "on a struct `index` has a name and columns: `index(by_city, columns = \"city, day\")`; \
                 for an index of one field write `#[s3(index)]` above it",
            );
            return None;
        };
        let names = columns.value();
        let names = names.split(',').map(|name| Spanned {
            value: name.trim().to_owned(),
            span: columns.span(),
        });
        Some(Index {
            name: name.clone(),
            columns: names.collect(),
        })
    }

    fn literal(&self, errors: &mut Errors) -> Option<LitStr> {
        let name = &self.name;
        match &self.value {
            Some(Lit::Str(text)) => Some(text.clone()),
            Some(other) => {
                errors.push(
                    other.span(),
                    format!("`{name}` takes a text: `{name} = \"...\"`"),
                );
                None
            }
            None => {
                errors.push(
                    name.span(),
                    format!("`{name}` takes a text: `{name} = \"...\"`"),
                );
                None
            }
        }
    }

    pub(crate) fn text(&self, errors: &mut Errors) -> Option<Spanned<String>> {
        self.literal(errors).map(|text| Spanned {
            value: text.value(),
            span: text.span(),
        })
    }

    /// The name of something that is generated.
    pub(crate) fn ident(&self, errors: &mut Errors) -> Option<Ident> {
        let text = self.literal(errors)?;
        let ident = text.parse::<Ident>();
        if ident.is_err() {
            let name = &self.name;
            errors.push(
                text.span(),
                format!(
                    "`{name}` takes a Rust identifier, and {:?} is none",
                    text.value()
                ),
            );
        }
        ident.ok()
    }

    pub(crate) fn path(&self, errors: &mut Errors) -> Option<Path> {
        let text = self.literal(errors)?;
        let path = text.parse_with(Path::parse_mod_style);
        if path.is_err() {
            let name = &self.name;
            errors.push(
                text.span(),
                format!(
                    "`{name}` takes the path of the s3aads crate, as in `{name} = \"::s3aads\"`"
                ),
            );
        }
        path.ok()
    }

    /// A number of digits.
    pub(crate) fn width(&self, errors: &mut Errors) -> Option<Spanned<u8>> {
        const EXPECTED: &str = "`width` takes a number of digits from 1 to 39: `width = 4`";
        let Some(value) = &self.value else {
            errors.push(self.name.span(), EXPECTED);
            return None;
        };
        let digits = match value {
            Lit::Int(digits) if digits.suffix().is_empty() => digits.base10_parse::<u8>().ok(),
            _ => None,
        };
        match digits.filter(|digits| (1..=39).contains(digits)) {
            Some(digits) => Some(Spanned {
                value: digits,
                span: value.span(),
            }),
            None => {
                errors.push(value.span(), EXPECTED);
                None
            }
        }
    }
}

/// The settings of all the `#[s3(...)]` attributes of an item, without repeated ones.
pub(crate) fn settings(attrs: &[Attribute], errors: &mut Errors) -> Settings {
    let mut found = Settings {
        settings: Vec::new(),
        is_damaged: false,
    };
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("s3")) {
        match attr.parse_args_with(Punctuated::<Setting, Token![,]>::parse_terminated) {
            Ok(settings) => {
                for setting in settings {
                    found.add(setting, errors);
                }
            }
            Err(error) => {
                found.is_damaged = true;
                errors.push_syn(error);
            }
        }
    }
    found
}

/// See [`settings`].
pub(crate) struct Settings {
    pub(crate) settings: Vec<Setting>,
    /// Whether there are others that could not be read.
    pub(crate) is_damaged: bool,
}

impl Settings {
    fn add(&mut self, setting: Setting, errors: &mut Errors) {
        let is_index = |setting: &Setting| setting.index.is_some();
        let mut others = self.settings.iter();
        if others
            .any(|other| other.name == setting.name && !(is_index(other) && is_index(&setting)))
        {
            self.is_damaged = true;
            let name = &setting.name;
            errors.push(name.span(), format!("`{name}` is given twice; remove one"));
        } else {
            self.settings.push(setting);
        }
    }
}

/// The error of a setting that is not one of `known`.
pub(crate) fn unknown(setting: &Setting, place: &str, known: &[&str], errors: &mut Errors) {
    let name = setting.name();
    let hint = match (known.iter().find(|known| is_misspelt(&name, known)), &*name) {
        (Some(meant), _) => format!("did you mean `{meant}`? "),
        (None, "unique") => "a key is unique, and nothing else of a row; ".to_owned(),
        _ => String::new(),
    };
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    errors.push(
        setting.span(),
        format!(
            "unknown setting `{name}`: {hint}{place} takes {}",
            crate::errors::list(&known, "and"),
        ),
    );
}

/// Whether two names differ in at most two neighbouring letters.
fn is_misspelt(name: &str, known: &str) -> bool {
    let shorter = name.len().min(known.len());
    let longer = name.len().max(known.len());
    let (a, b) = (name.bytes(), known.bytes());
    let before = a.clone().zip(b.clone()).take_while(|(a, b)| a == b).count();
    let after = a.rev().zip(b.rev()).take_while(|(a, b)| a == b).count();
    let same = (before + after).min(shorter);
    same >= 2 && same + 2 >= longer
}
