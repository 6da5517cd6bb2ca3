//! The derive's list of method names that a column must not take is the runtime's methods.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, ImplItem, Item, Lit, Type, Visibility};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn parse(path: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The list in the derive's sources.
fn reserved() -> BTreeSet<String> {
    let file = parse(&workspace().join("s3aads-derive/src/check/reserved.rs"));
    let list = file
        .items
        .iter()
        .find_map(|item| match item {
            Item::Const(list) if list.ident == "RUNTIME_METHODS" => Some(&list.expr),
            _ => None,
        })
        .unwrap();
    let Expr::Reference(list) = &**list else {
        panic!("the list is a reference to an array")
    };
    let Expr::Array(list) = &*list.expr else {
        panic!("the list is a reference to an array")
    };
    list.elems
        .iter()
        .map(|name| match name {
            Expr::Lit(name) => match &name.lit {
                Lit::Str(name) => name.value(),
                _ => panic!("every name is a text"),
            },
            _ => panic!("every name is a text"),
        })
        .collect()
}

/// The public methods of `Table` and `Query` in the sources below a folder.
fn methods(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            methods(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for item in parse(&path).items {
                let Item::Impl(block) = item else { continue };
                if block.trait_.is_some() || !is_table_or_query(&block.self_ty) {
                    continue;
                }
                for item in &block.items {
                    if let ImplItem::Fn(method) = item
                        && matches!(method.vis, Visibility::Public(_))
                    {
                        found.insert(method.sig.ident.to_string());
                    }
                }
            }
        }
    }
}

fn is_table_or_query(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Table" || last.ident == "Query"),
        _ => false,
    }
}

#[test]
fn the_derive_knows_every_method_that_a_column_could_hide() {
    let mut real = BTreeSet::new();
    methods(&workspace().join("s3aads/src/table"), &mut real);
    methods(&workspace().join("s3aads/src/query"), &mut real);
    let reserved = reserved();
    let missing: Vec<_> = real.difference(&reserved).collect();
    assert!(missing.is_empty(), "not in the derive's list: {missing:?}");
    let outdated: Vec<_> = reserved.difference(&real).collect();
    assert!(outdated.is_empty(), "not in the runtime: {outdated:?}");
}
