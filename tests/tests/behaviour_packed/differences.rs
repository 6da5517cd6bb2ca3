//! In what packed tables differ. What is so instead is in `packed/` and `packs/`.

/// Behaviours that do not hold, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "batches::a_failure_inside_a_batch_does_not_stop_it",
        NO_WIDTH,
    ),
    (
        "batches::no_more_rows_are_asked_for_than_may_be_under_way",
        "a batch takes rows ahead, so that those of one pack go out together",
    ),
    (
        "copies::a_row_is_copied_to_another_database_of_the_server",
        NO_HEADERS,
    ),
    (
        "copies::a_row_is_copied_to_another_key_by_one_request",
        "a copy reads one pack and writes another: no server copies a line",
    ),
    (
        "copies::raw_tables_copy_between_tables_of_other_names",
        "the other table is not packed, and has bodies of another form",
    ),
    (
        "filters::a_filter_by_what_the_column_can_t_hold_is_refused",
        NO_WIDTH,
    ),
    (
        "foreign::rows_that_do_not_decode_are_errors_of_their_own",
        ONLY_OBJECTS,
    ),
    (
        "foreign::verify_tells_every_foreign_object_and_undecodable_row",
        ONLY_OBJECTS,
    ),
    (
        "raw_query::what_no_column_can_hold_is_refused_before_a_request",
        NO_WIDTH,
    ),
    (
        "rows::exists_and_meta_tell_of_a_row_without_reading_it",
        "a HEAD tells nothing of a line, so the pack is read",
    ),
    (
        "rows::headers_metadata_tags_and_class_are_kept_or_refused",
        NO_HEADERS,
    ),
    (
        "rows::keys_that_can_t_be_stored_are_refused_before_a_request",
        NO_WIDTH,
    ),
    (
        "rows::options_that_no_header_can_hold_are_refused_before_a_request",
        NO_HEADERS,
    ),
    (
        "terminals::a_page_passes_rows_that_do_not_decode",
        ONLY_OBJECTS,
    ),
    (
        "terminals::a_request_budget_stops_before_the_next_request",
        "three packs are read where thirty objects are",
    ),
    ("versions::an_update_keeps_what_goes_with_a_row", NO_HEADERS),
    ("versions::rename_keeps_headers_and_metadata", NO_HEADERS),
];

const NO_WIDTH: &str = "a packed column has no width, which a value could exceed";
const NO_HEADERS: &str = "content headers, metadata, tags and storage class go with an object, and this one holds other rows too";
const ONLY_OBJECTS: &str =
    "what is no JSON object is refused as a row's body, and can't be planted by a raw write";

/// Those that hold on some stores, where there is nothing in which they could differ: the behaviour asks nothing there, or
/// what is refused for packs is refused for every row.
const BUT_ON: &[(&str, &[&str])] = &[
    (
        "copies::a_row_is_copied_to_another_database_of_the_server",
        LOCAL,
    ),
    (
        "rows::headers_metadata_tags_and_class_are_kept_or_refused",
        LOCAL,
    ),
    ("versions::an_update_keeps_what_goes_with_a_row", LOCAL),
    ("versions::rename_keeps_headers_and_metadata", LOCAL),
];

const LOCAL: &[&str] = &["local", "local_escaped"];

/// Why a test's behaviour must not hold, by the test's path: `behaviour_packed::<module>::<store>::<behaviour>`.
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
