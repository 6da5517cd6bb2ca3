#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    s3aads_fuzz::rows::check(data);
});
