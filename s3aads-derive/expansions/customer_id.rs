// What the derive makes of
//
// #[s3(ord)]
// pub struct CustomerId(u64);

#[allow(deprecated)]
#[automatically_derived]
impl ::s3aads::KeyColumn for CustomerId {
    type Form = <u64 as ::s3aads::KeyColumn>::Form;
    const TYPE: ::s3aads::ColumnType = <u64 as ::s3aads::KeyColumn>::TYPE;
    fn encode(
        &self,
        encoding: ::s3aads::Encoding,
        text: &mut ::std::string::String,
    ) -> ::core::result::Result<(), ::s3aads::TextError> {
        <u64 as ::s3aads::KeyColumn>::encode(&self.0, encoding, text)
    }
    fn decode(
        text: &::core::primitive::str,
        encoding: ::s3aads::Encoding,
    ) -> ::core::result::Result<Self, ::s3aads::TextError> {
        ::core::result::Result::map(
            <u64 as ::s3aads::KeyColumn>::decode(text, encoding),
            Self,
        )
    }
    const HAS_OWN_ORDER: ::core::primitive::bool = <u64 as ::s3aads::KeyColumn>::HAS_OWN_ORDER;
    fn is_ordered(encoding: ::s3aads::Encoding) -> ::core::primitive::bool {
        <u64 as ::s3aads::KeyColumn>::is_ordered(encoding)
    }
    fn enumerate(
        low: &Self,
        high: &Self,
        most: ::core::primitive::usize,
    ) -> ::core::option::Option<::std::vec::Vec<Self>> {
        let values = <u64 as ::s3aads::KeyColumn>::enumerate(&low.0, &high.0, most)?;
        ::core::option::Option::Some(::s3aads::__private::wrapped(values, Self))
    }
}
#[allow(deprecated)]
#[automatically_derived]
impl ::core::cmp::PartialOrd for CustomerId {
    fn partial_cmp(
        &self,
        other: &Self,
    ) -> ::core::option::Option<::core::cmp::Ordering> {
        ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
    }
}
#[allow(deprecated)]
#[automatically_derived]
impl ::core::cmp::Ord for CustomerId {
    fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
        <u64 as ::core::cmp::Ord>::cmp(&self.0, &other.0)
    }
}
