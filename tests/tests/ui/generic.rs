use s3aads::S3Table;

#[derive(S3Table)]
struct Generic<T> { //~
    #[s3(key)]
    id: T,
}

#[derive(S3Table)]
struct Borrowed<'a> { //~
    #[s3(key)]
    id: u64,
    name: &'a str,
}

#[derive(S3Table)]
struct Sized<const N: usize> { //~
    #[s3(key)]
    id: u64,
    #[s3(data)]
    data: [u8; N],
}

fn main() {}
