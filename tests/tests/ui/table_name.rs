use s3aads::S3Table;

#[derive(S3Table)]
#[s3(table = "")] //~
struct Empty {
    #[s3(key)]
    id: u64,
}

#[derive(S3Table)]
#[s3(table = "a/b")] //~
struct Folders {
    #[s3(key)]
    id: u64,
}

#[derive(S3Table)]
#[s3(table = "..")] //~
struct Parent {
    #[s3(key)]
    id: u64,
}

#[derive(S3Table)]
#[s3(table = "a\nb")] //~
struct Lines {
    #[s3(key)]
    id: u64,
}

#[derive(S3Table)]
#[s3(table = "_s3aads")] //~
struct Reserved {
    #[s3(key)]
    id: u64,
}

fn main() {}
