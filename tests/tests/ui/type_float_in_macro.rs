use s3aads::S3Table;

macro_rules! row {
    ($t:ty) => {
        #[derive(S3Table)]
        struct Day {
            #[s3(key)]
            money: $t,
        }
    };
}

row!(f64); //~

fn main() {}
