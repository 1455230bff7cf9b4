//! The deepest messages of the widest types fit on the stack of a worker, also where nothing is optimised.

use microagent_contract::__private as __rt;
use microagent_contract::codec::{DecodeErrorKind as Kind, Payload};

/// What a worker thread has; tests run on threads with as much.
const STACK: usize = 2 << 20;

/// As many fields as a contract of a real system has at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Wide {
    pub f0: Option<String>,
    pub f1: Option<String>,
    pub f2: Option<String>,
    pub f3: Option<String>,
    pub f4: Option<String>,
    pub f5: Option<String>,
    pub f6: Option<String>,
    pub f7: Option<String>,
    pub f8: Option<String>,
    pub f9: Option<String>,
    pub f10: Option<String>,
    pub f11: Option<String>,
    pub f12: Option<String>,
    pub f13: Option<String>,
    pub f14: Option<String>,
    pub f15: Option<String>,
    pub f16: Option<String>,
    pub f17: Option<String>,
    pub f18: Option<String>,
    pub f19: Option<String>,
    pub f20: Option<String>,
    pub f21: Option<String>,
    pub f22: Option<String>,
    pub f23: Option<String>,
    pub f24: Option<String>,
    pub f25: Option<String>,
    pub f26: Option<String>,
    pub f27: Option<String>,
    pub f28: Option<String>,
    pub f29: Option<String>,
    pub f30: Option<String>,
    pub f31: Option<String>,
    pub f32: Option<String>,
    pub f33: Option<String>,
    pub f34: Option<String>,
    pub f35: Option<String>,
    pub f36: Option<String>,
    pub f37: Option<String>,
    pub f38: Option<String>,
    pub f39: Option<String>,
    pub f40: Option<String>,
    pub f41: Option<String>,
    pub f42: Option<String>,
    pub f43: Option<String>,
    pub f44: Option<String>,
    pub f45: Option<String>,
    pub f46: Option<String>,
    pub f47: Option<String>,
    pub f48: Option<String>,
    pub f49: Option<String>,
    pub f50: Option<String>,
    pub f51: Option<String>,
    pub f52: Option<String>,
    pub f53: Option<String>,
    pub f54: Option<String>,
    pub f55: Option<String>,
    pub f56: Option<String>,
    pub f57: Option<String>,
    pub f58: Option<String>,
    pub f59: Option<String>,
    pub f60: Option<String>,
    pub f61: Option<String>,
    pub f62: Option<String>,
    pub f63: Option<String>,
    pub next: Option<Box<Node>>,
}
__rt::object! { Wide { {
    "f0" => f0: Option<String>, Optional; "f1" => f1: Option<String>, Optional; "f2" => f2: Option<String>, Optional; "f3" => f3: Option<String>, Optional; "f4" => f4: Option<String>, Optional; "f5" => f5: Option<String>, Optional; "f6" => f6: Option<String>, Optional; "f7" => f7: Option<String>, Optional; "f8" => f8: Option<String>, Optional; "f9" => f9: Option<String>, Optional; "f10" => f10: Option<String>, Optional; "f11" => f11: Option<String>, Optional; "f12" => f12: Option<String>, Optional; "f13" => f13: Option<String>, Optional; "f14" => f14: Option<String>, Optional; "f15" => f15: Option<String>, Optional;
} {
    "f16" => f16: Option<String>, Optional; "f17" => f17: Option<String>, Optional; "f18" => f18: Option<String>, Optional; "f19" => f19: Option<String>, Optional; "f20" => f20: Option<String>, Optional; "f21" => f21: Option<String>, Optional; "f22" => f22: Option<String>, Optional; "f23" => f23: Option<String>, Optional; "f24" => f24: Option<String>, Optional; "f25" => f25: Option<String>, Optional; "f26" => f26: Option<String>, Optional; "f27" => f27: Option<String>, Optional; "f28" => f28: Option<String>, Optional; "f29" => f29: Option<String>, Optional; "f30" => f30: Option<String>, Optional; "f31" => f31: Option<String>, Optional;
} {
    "f32" => f32: Option<String>, Optional; "f33" => f33: Option<String>, Optional; "f34" => f34: Option<String>, Optional; "f35" => f35: Option<String>, Optional; "f36" => f36: Option<String>, Optional; "f37" => f37: Option<String>, Optional; "f38" => f38: Option<String>, Optional; "f39" => f39: Option<String>, Optional; "f40" => f40: Option<String>, Optional; "f41" => f41: Option<String>, Optional; "f42" => f42: Option<String>, Optional; "f43" => f43: Option<String>, Optional; "f44" => f44: Option<String>, Optional; "f45" => f45: Option<String>, Optional; "f46" => f46: Option<String>, Optional; "f47" => f47: Option<String>, Optional;
} {
    "f48" => f48: Option<String>, Optional; "f49" => f49: Option<String>, Optional; "f50" => f50: Option<String>, Optional; "f51" => f51: Option<String>, Optional; "f52" => f52: Option<String>, Optional; "f53" => f53: Option<String>, Optional; "f54" => f54: Option<String>, Optional; "f55" => f55: Option<String>, Optional; "f56" => f56: Option<String>, Optional; "f57" => f57: Option<String>, Optional; "f58" => f58: Option<String>, Optional; "f59" => f59: Option<String>, Optional; "f60" => f60: Option<String>, Optional; "f61" => f61: Option<String>, Optional; "f62" => f62: Option<String>, Optional; "f63" => f63: Option<String>, Optional;
} {
    "next" => next: Option<Box<Node>>, Optional;
} } }

#[expect(clippy::large_enum_variant, reason = "its width is what is tested")]
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Wide(Wide),
    Unrecognised(__rt::Unrecognised),
}
__rt::union_internal! { Node by "type" { "wide" => Wide(Wide), else Unrecognised } }

#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    pub id: u8,
    pub wide: Wide,
    pub rest: __rt::BTreeMap<String, Spread>,
}
__rt::object! { Spread { "id" => id: u8, Required; ..wide: Wide; ..rest: __rt::Map<__rt::Plain>; } }

/// Reads and writes on a thread with the stack of a worker.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.expect("a thread").join().expect("nothing panics");
}

fn nested(open: &str, inside: &str, close: &str, levels: usize) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

/// Few levels come back, and many are refused; where between depends on what the compiler makes of the type.
fn comes_back_or_is_refused<T>(nested: impl Fn(usize) -> String)
where
    T: Payload + PartialEq + std::fmt::Debug,
{
    for levels in 1..=127 {
        match __rt::decode::<T>(nested(levels).as_bytes()) {
            Ok(value) => {
                let body = __rt::encode(&value).expect("what was read is written");
                assert_eq!(value, __rt::decode::<T>(&body).expect("and read again"));
            }
            Err(error) => {
                assert!(levels > 8, "{levels} levels: {error}");
                assert_eq!(error.kind(), Kind::Depth, "{error}");
            }
        }
    }
    for levels in [128, 100_000] {
        let error = __rt::decode::<T>(nested(levels).as_bytes()).expect_err("too deep");
        assert_eq!(error.kind(), Kind::Depth, "{error}");
    }
}

#[test]
fn early_and_late_tags() {
    on_small_stack(|| {
        for (open, close) in [
            (r#"{"type":"wide","next":"#, "}"),
            (r#"{"next":"#, r#","type":"wide"}"#),
        ] {
            comes_back_or_is_refused::<Node>(|levels| {
                nested(open, r#"{"type":"wide"}"#, close, levels - 1)
            });
        }
    });
}

#[test]
fn spreads() {
    on_small_stack(|| {
        comes_back_or_is_refused::<Spread>(|levels| {
            nested(r#"{"a":"#, r#"{"id":1}"#, r#","id":1}"#, levels - 1)
        });
    });
}

#[test]
fn unknown_keys_of_any_depth_are_passed_over_and_none_is_kept() {
    on_small_stack(|| {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            for levels in [1, 128, 100_000] {
                let unknown = nested(open, "1", close, levels);
                for body in [
                    format!(r#"{{"id":1,"type":"wide","unknown":{unknown}}}"#),
                    format!(r#"{{"unknown":{unknown},"type":"wide","id":1}}"#),
                ] {
                    __rt::decode::<Wide>(body.as_bytes()).expect("it has no use for the key");
                    __rt::decode::<Node>(body.as_bytes()).expect("nor has its union");
                    let key = microagent_contract::partition_key(&["id"], body.as_bytes());
                    assert!(key.is_some(), "{levels} levels");
                }
                // A member that is not known is kept with all its keys, and those are values like any other.
                let body = format!(r#"{{"type":"new","unknown":{unknown}}}"#);
                match __rt::decode::<Node>(body.as_bytes()) {
                    Ok(kept) => {
                        assert_eq!(levels, 1);
                        assert!(matches!(kept, Node::Unrecognised(_)), "{kept:?}");
                    }
                    Err(error) => {
                        assert!(levels > 1, "{error}");
                        assert_eq!(error.kind(), Kind::Depth, "{error}");
                    }
                }
            }
        }
    });
}
