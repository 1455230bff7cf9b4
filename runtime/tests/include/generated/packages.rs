pub mod accounts {
    use super::__rt;

    #[derive(Clone, Debug, PartialEq)]
    pub struct Mail {
        pub to: ::std::string::String,
    }

    __rt::object! { Mail {
        "to" => to: ::std::string::String, Required;
    } }
}

pub mod accounts__v2 {
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Mail;
}
