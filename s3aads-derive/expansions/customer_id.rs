// What the derive makes of
//
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
    fn is_ordered(encoding: ::s3aads::Encoding) -> ::core::primitive::bool {
        <u64 as ::s3aads::KeyColumn>::is_ordered(encoding)
            && ::s3aads::__private::same_order(
                <u64 as ::s3aads::KeyColumn>::samples,
                Self,
            )
    }
    fn enumerate(
        low: &Self,
        high: &Self,
        most: ::core::primitive::usize,
    ) -> ::core::option::Option<::std::vec::Vec<Self>> {
        if !::s3aads::__private::same_order(
            <u64 as ::s3aads::KeyColumn>::samples,
            Self,
        ) {
            return ::core::option::Option::None;
        }
        let values = <u64 as ::s3aads::KeyColumn>::enumerate(&low.0, &high.0, most)?;
        ::core::option::Option::Some(::s3aads::__private::wrapped(values, Self))
    }
    fn samples() -> ::std::vec::Vec<Self> {
        ::s3aads::__private::wrapped(<u64 as ::s3aads::KeyColumn>::samples(), Self)
    }
}
