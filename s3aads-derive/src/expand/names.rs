//! The names and types that all generated items share.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::{Ident, Path, Type, Visibility};

use super::comment;
use crate::check;
use crate::model::{Field, Layout, Row};

pub(crate) struct Names<'a> {
    pub(crate) row: &'a Ident,
    pub(crate) vis: &'a Visibility,
    /// The runtime crate.
    pub(crate) rt: &'a Path,
    pub(crate) layout: Layout,
    pub(crate) key: Ident,
    pub(crate) columns: Ident,
    pub(crate) handle: Ident,
    pub(crate) query: Ident,
    /// The key columns.
    pub(crate) list: Vec<Column<'a>>,
    /// The fields that indexes have.
    pub(crate) indexed: Vec<Column<'a>>,
}

/// A key column, or a field that an index has.
pub(crate) struct Column<'a> {
    pub(crate) field: &'a Field,
    /// The field's name.
    pub(crate) ident: &'a Ident,
    pub(crate) ty: TokenStream,
    /// Whether a row may have no value.
    pub(crate) is_optional: bool,
    /// The type's place in the user's code: where a type that can't be a key column is reported.
    pub(crate) place: Span,
    pub(crate) name: String,
    pub(crate) filter: Ident,
    /// The method that tells the column's values; none in a stub if another has its name.
    pub(crate) plural: Option<Ident>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(row: &'a Row, is_stub: bool) -> Self {
        let at = row.ident.span();
        let handle_at = row.handle.as_ref().map_or(at, Ident::span);
        let mut free = check::free_methods(row);
        let mut column = |field: &'a Field| {
            let (ty, is_optional) = field.value_type();
            (!is_stub || check::unfit_type(ty).is_none()).then(|| Column {
                field,
                ident: &field.ident,
                place: ty.span(),
                ty: without_self(ty.to_token_stream(), &row.ident),
                is_optional,
                name: field.name(),
                filter: generated(&field.filter_name(), field.ident.span()),
                plural: free
                    .take(&field.plural_name())
                    .map(|name| generated(&name, field.plural_span())),
            })
        };
        let list = row.columns().filter_map(&mut column).collect();
        let indexed = row.indexed().filter_map(&mut column).collect();
        // A stub with a colliding name would be one more error.
        let handle = |name: String, default: &str| {
            let taken = [row.ident.to_string(), row.key_name(), row.columns_name()];
            if taken.contains(&name) {
                generated(&format!("{}{default}", row.ident), at)
            } else {
                generated(&name, handle_at)
            }
        };
        Self {
            row: &row.ident,
            vis: &row.vis,
            rt: &row.runtime,
            layout: row.layout,
            key: generated(&row.key_name(), at),
            columns: generated(&row.columns_name(), at),
            handle: handle(row.handle_name(), "Table"),
            query: handle(row.query_name(), "Query"),
            list,
            indexed,
        }
    }

    /// The typed columns.
    pub(crate) fn columns_value(&self) -> TokenStream {
        let table = self.table_trait();
        quote!(#table::COLUMNS)
    }

    /// The path of the runtime crate, for texts.
    pub(crate) fn rt_text(&self) -> String {
        self.rt.to_token_stream().to_string().replace(' ', "")
    }

    /// `<Row as S3Table>`.
    pub(crate) fn table_trait(&self) -> TokenStream {
        let Self { row, rt, .. } = self;
        quote!(<#row as #rt::S3Table>)
    }
}

impl Column<'_> {
    /// What the user says about the column, or else what it is.
    pub(crate) fn docs(&self) -> TokenStream {
        match &*self.field.docs {
            [] if self.field.is_key() => comment(&format!("The key column `{}`.", self.name)),
            [] => comment(&format!("The field `{}`, which an index has.", self.name)),
            docs => quote!(#(#docs)*),
        }
    }
}

/// An identifier that points to the user's token, but is the macro's own to lints.
pub(crate) fn generated(name: &str, at: Span) -> Ident {
    let span = Span::call_site().located_at(at);
    let name = name.trim_start_matches("r#");
    // `gen` is a keyword since the edition of 2024, which is not the parser's to know.
    match syn::parse_str::<Ident>(name) {
        Ok(_) if name != "gen" => Ident::new(name, span),
        // A keyword, such as the plural of `a`.
        _ => Ident::new_raw(name, span),
    }
}

/// A type in which `Self` is the row, for use where `Self` is something else.
pub(crate) fn without_self(ty: TokenStream, row: &Ident) -> TokenStream {
    ty.into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                TokenTree::Ident(Ident::new(&row.to_string(), ident.span()))
            }
            TokenTree::Group(group) => {
                let mut replaced = Group::new(group.delimiter(), without_self(group.stream(), row));
                replaced.set_span(group.span());
                TokenTree::Group(replaced)
            }
            other => other,
        })
        .collect()
}

/// Code whose every token is at one place, so that the compiler reports a mistake in it there.
pub(crate) fn at(place: Span, code: TokenStream) -> TokenStream {
    code.into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = TokenTree::Group(Group::new(group.delimiter(), at(place, group.stream())));
            }
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}

/// `function::<before, Type>()`, reported at the type, all of it.
pub(crate) fn call_for(
    field_type: &Type,
    ty: &TokenStream,
    function: TokenStream,
    before: TokenStream,
    after: TokenStream,
) -> TokenStream {
    let place = field_type.span();
    let (function, before, after) = (at(place, function), at(place, before), at(place, after));
    quote!(#function::<#before #ty #after>)
}
