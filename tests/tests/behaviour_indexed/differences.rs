//! In what tables with indexes differ. What is so instead is in `indexes/`.

/// Behaviours that do not hold, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "copies::a_row_is_copied_to_another_database_of_the_server",
        OWN_ENTRIES,
    ),
    (
        "copies::a_row_is_copied_to_another_key_by_one_request",
        OWN_ENTRIES,
    ),
    (
        "copies::raw_tables_copy_between_tables_of_other_names",
        "the other table has bodies of another form",
    ),
    (
        "filters::a_second_filter_on_a_column_narrows_the_first",
        BY_INDEX,
    ),
    (
        "filters::every_kind_of_filter_is_exact_on_every_column",
        BY_INDEX,
    ),
    ("filters::filters_on_several_columns_all_hold", BY_INDEX),
    (
        "rows::exists_and_meta_tell_of_a_row_without_reading_it",
        STAMPED,
    ),
    (
        "terminals::a_page_passes_rows_that_do_not_decode",
        "what is no row can't be planted by a raw write",
    ),
    ("terminals::terminals_agree_and_come_in_key_order", STAMPED),
];

const OWN_ENTRIES: &str = "a copy has entries of its own, which no server's copy writes";
const BY_INDEX: &str = "rows come in the order of the index that was taken";
const STAMPED: &str = "the stored body is longer by what marks the row's version";

/// Those that hold on some stores, where nothing is counted.
const BUT_ON: &[(&str, &[&str])] = &[(
    "copies::a_row_is_copied_to_another_database_of_the_server",
    &["memory", "local", "local_escaped", "google"],
)];

/// Why a test's behaviour must not hold, by the test's path: `behaviour_indexed::<module>::<store>::<behaviour>`.
pub(crate) fn why(test: &str) -> Option<&'static str> {
    let segments: Vec<&str> = test.split("::").collect();
    let [_, module, store, behaviour] = *segments else {
        panic!("{test} is no test of a behaviour");
    };
    let name = format!("{module}::{behaviour}");
    let mut but_on = BUT_ON.iter();
    if but_on.any(|(listed, stores)| *listed == name && stores.contains(&store)) {
        return None;
    }
    let listed = DIFFERENCES.iter().find(|(listed, _)| *listed == name);
    listed.map(|(_, why)| *why)
}
