use s3aads::S3Table;

#[derive(S3Table)]
enum Enum { //~
    A,
}

#[derive(S3Table)]
union Union { //~
    a: u8,
}

#[derive(S3Table)]
struct Tuple(#[s3(key)] u64, String); //~

fn main() {
    // The stubs keep these from being errors too.
    fn is_table<T: S3Table>() {}
    is_table::<Enum>();
    is_table::<Union>();
    is_table::<Tuple>();
}
