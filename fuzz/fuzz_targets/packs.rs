#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    s3aads::__fuzz::pack(data);
});
