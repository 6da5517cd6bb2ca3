//! A table's row.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Meta, Path, Type, Visibility};

use super::{Index, Spanned};

/// How key columns become folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Layout {
    #[default]
    Plain,
    Hive,
}

/// How the packs of a table are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
}

/// A struct whose values are rows.
pub(crate) struct Row {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Whether it is a struct with named fields; if not, it has no fields here.
    pub(crate) is_struct: bool,
    /// The path of the runtime crate.
    pub(crate) runtime: Path,
    /// The table's name, spanned on the struct's where it comes from that.
    pub(crate) table: Spanned<String>,
    pub(crate) layout: Layout,
    pub(crate) compress: Option<Spanned<Compression>>,
    pub(crate) handle: Option<Ident>,
    /// The indexes that the struct says; fields say others.
    pub(crate) indexes: Vec<Index>,
    pub(crate) fields: Vec<Field>,
    pub(crate) serde: Vec<SerdeSetting>,
}

/// A field of a row.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) settings: FieldSettings,
    pub(crate) serde: Vec<SerdeSetting>,
    /// What the user says about it.
    pub(crate) docs: Vec<Attribute>,
}

/// What `#[s3(...)]` says on a field; a flag is the span of its token.
#[derive(Default)]
pub(crate) struct FieldSettings {
    pub(crate) key: Option<Span>,
    pub(crate) width: Option<Spanned<u8>>,
    pub(crate) ordered: Option<Span>,
    pub(crate) descending: Option<Span>,
    pub(crate) packed: Option<Span>,
    pub(crate) rename: Option<Spanned<String>>,
    pub(crate) plural: Option<Ident>,
    pub(crate) index: Option<Span>,
    pub(crate) data: Option<Span>,
    pub(crate) bytes: Option<Span>,
    pub(crate) text: Option<Span>,
    /// Whether an error was found in them, so that one mistake is not reported as another too.
    pub(crate) is_damaged: bool,
}

/// One setting of a `#[serde(...)]` attribute.
pub(crate) struct SerdeSetting {
    pub(crate) name: String,
    pub(crate) meta: Meta,
}

/// How a key column's values are written as text.
pub(crate) enum Encoding<'a> {
    Plain,
    Width(&'a Spanned<u8>),
    Ordered(Span),
    Descending(Span),
}

/// What a row's object holds.
pub(crate) enum Body<'a> {
    Object(Vec<&'a Field>),
    Data(&'a Field),
    Bytes(&'a Field),
    Text(&'a Field),
    Empty,
}

impl Row {
    /// The key columns in key order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_key())
    }

    /// How many key columns are packed.
    pub(crate) fn packed(&self) -> usize {
        self.columns().filter(|column| column.is_packed()).count()
    }

    /// The fields that are stored in the body.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_key())
    }

    pub(crate) fn body(&self) -> Body<'_> {
        let marked = |flag: fn(&FieldSettings) -> bool| {
            self.others().find(move |field| flag(&field.settings))
        };
        if self.packed() > 0 && marked(|settings| settings.bytes.is_some()).is_none() {
            // A line is one object, in which a field that is the whole body stands by its name.
            Body::Object(self.others().collect())
        } else if let Some(field) = marked(|settings| settings.data.is_some()) {
            Body::Data(field)
        } else if let Some(field) = marked(|settings| settings.bytes.is_some()) {
            Body::Bytes(field)
        } else if let Some(field) = marked(|settings| settings.text.is_some()) {
            Body::Text(field)
        } else {
            let fields: Vec<_> = self.others().collect();
            // To what reads hive tables a row is a line of its file, and an empty file has none.
            // What says which entries of the indexes are a row's stands in its body.
            let has_more = self.layout == Layout::Hive || self.index_span().is_some();
            if fields.is_empty() && !has_more {
                Body::Empty
            } else {
                Body::Object(fields)
            }
        }
    }

    /// The name of a field in the body's JSON object, if it can be told without serde's rules
    /// for all fields.
    pub(crate) fn body_name(&self, field: &Field) -> Option<String> {
        let by_rule = self
            .serde
            .iter()
            .any(|setting| setting.name == "rename_all");
        let renamed = field.serde.iter().find(|setting| setting.name == "rename");
        match (self.body(), renamed.map(|setting| &setting.meta)) {
            (Body::Object(_), Some(Meta::NameValue(pair))) => match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(name),
                    ..
                }) => Some(name.value()),
                _ => None,
            },
            (Body::Object(_), None) if !by_rule => Some(field.name()),
            _ => None,
        }
    }

    /// The name of the generated key.
    pub(crate) fn key_name(&self) -> String {
        format!("{}Key", self.ident.unraw())
    }

    /// The name of the generated struct of columns.
    pub(crate) fn columns_name(&self) -> String {
        format!("{}Columns", self.ident.unraw())
    }

    /// The name of the generated handle.
    pub(crate) fn handle_name(&self) -> String {
        match &self.handle {
            Some(handle) => handle.unraw().to_string(),
            None => format!("{}Table", self.ident.unraw()),
        }
    }

    /// The name of the generated query, which follows the handle's if that is given.
    pub(crate) fn query_name(&self) -> String {
        match &self.handle {
            Some(handle) => format!("{}Query", handle.unraw()),
            None => format!("{}Query", self.ident.unraw()),
        }
    }
}

/// A type without the invisible group that a macro's `$t:ty` puts around it.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        _ => ty,
    }
}

impl Field {
    pub(crate) fn is_key(&self) -> bool {
        self.settings.key.is_some()
    }

    pub(crate) fn is_packed(&self) -> bool {
        self.settings.packed.is_some()
    }

    /// The field's name as it is spoken: without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The name under which the column is stored.
    pub(crate) fn stored_name(&self) -> String {
        match &self.settings.rename {
            Some(rename) => rename.value.clone(),
            None => self.name(),
        }
    }

    /// The token that `stored_name` comes from.
    pub(crate) fn stored_name_span(&self) -> Span {
        match &self.settings.rename {
            Some(rename) => rename.span,
            None => self.ident.span(),
        }
    }

    pub(crate) fn encoding(&self) -> Encoding<'_> {
        let settings = &self.settings;
        match (&settings.width, settings.descending, settings.ordered) {
            (Some(width), _, _) => Encoding::Width(width),
            // It says in which order: `ordered` beside it adds nothing.
            (None, Some(descending), _) => Encoding::Descending(descending),
            (None, None, Some(ordered)) => Encoding::Ordered(ordered),
            (None, None, None) => Encoding::Plain,
        }
    }

    /// The name of the generated filter.
    pub(crate) fn filter_name(&self) -> String {
        format!("filter_by_{}", self.name())
    }

    /// The name of the generated method that tells the column's values.
    pub(crate) fn plural_name(&self) -> String {
        match &self.settings.plural {
            Some(plural) => plural.unraw().to_string(),
            None => format!("{}s", self.name()),
        }
    }

    /// The token that `plural_name` comes from.
    pub(crate) fn plural_span(&self) -> Span {
        match &self.settings.plural {
            Some(plural) => plural.span(),
            None => self.ident.span(),
        }
    }
}
