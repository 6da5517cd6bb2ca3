use s3aads::KeyColumn;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum Colour {
    Red,
    #[s3(rename = "red")] //~
    Crimson,
    Mixed(u8, u8), //~
    #[s3(name = "blue")] //~
    Blue,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum Nothing {} //~

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
#[s3(ord)] //~
enum Size {
    Small,
    Large,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Named { //~
    id: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Pair(u64, u64); //~

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Unit; //~

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
#[s3(table = "ids")] //~
struct Id(#[s3(key)] u64); //~

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Generic<T>(T); //~

fn main() {}
