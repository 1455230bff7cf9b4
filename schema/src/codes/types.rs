//! Codes 03xx: types, constraints, defaults and annotations.

codes! {
    /// An unknown constraint.
    UNKNOWN_CONSTRAINT = 301 in "MAG0301";
    /// A constraint that applies to nothing.
    CONSTRAINT_APPLIES_TO_NOTHING = 302 in "MAG0302";
    /// A named type that is narrowed where it is used.
    NARROWED_NAMED_TYPE = 303 in "MAG0303";
    /// A constraint that is given twice.
    REPEATED_ARGUMENT = 304 in "MAG0304";
    /// An unknown encoding.
    UNKNOWN_ENCODING = 305 in "MAG0305";
    /// An unknown format.
    UNKNOWN_FORMAT = 306 in "MAG0306";
    /// A bound that is none.
    BAD_BOUND = 307 in "MAG0307";
    /// Bounds that no value meets.
    EMPTY_RANGE = 308 in "MAG0308";
    /// A pattern that not all languages read alike.
    BAD_PATTERN = 309 in "MAG0309";
    /// A type that is optional twice.
    DOUBLY_OPTIONAL = 310 in "MAG0310";
    /// A map whose key is no string.
    MAP_KEY = 311 in "MAG0311";
    /// A null for a field that is not optional.
    NULL_OF_REQUIRED = 312 in "MAG0312";
    /// `asymmetric` on a field that is never required.
    ASYMMETRIC_APPLIES_TO_NOTHING = 313 in "MAG0313";
    /// Something that can't be spread.
    BAD_SPREAD = 314 in "MAG0314";
    /// A key that stands twice in an object.
    DUPLICATE_KEY = 315 in "MAG0315";
    /// Two fields that take all other keys.
    TWO_TAKERS = 316 in "MAG0316";
    /// A reserved name that came back.
    RESERVED_NAME = 317 in "MAG0317";
    /// A reserved name with an alias.
    RESERVED_ALIAS = 318 in "MAG0318";
    /// An enum or union without members.
    NO_MEMBERS = 319 in "MAG0319";
    /// An enum of integers and strings.
    MIXED_ENUM = 320 in "MAG0320";
    /// A member that stands twice.
    DUPLICATE_MEMBER = 321 in "MAG0321";
    /// A payload that has no place beside the tag.
    MEMBER_WITHOUT_FIELDS = 322 in "MAG0322";
    /// A type whose values never end.
    ENDLESS_TYPE = 323 in "MAG0323";
    /// A default or example that is no JSON.
    VALUE_IS_NOT_JSON = 324 in "MAG0324";
    /// A default or example of another kind.
    VALUE_OF_WRONG_KIND = 325 in "MAG0325";
    /// A number that its type can't hold.
    VALUE_OUT_OF_RANGE = 326 in "MAG0326";
    /// A default or example that breaks its constraint.
    VALUE_BREAKS_CONSTRAINT = 327 in "MAG0327";
    /// A text that its type can't read.
    VALUE_OF_WRONG_FORM = 328 in "MAG0328";
    /// A default or example that is no known value.
    UNKNOWN_ENUM_VALUE = 329 in "MAG0329";
    /// A default or example with an unknown key.
    UNKNOWN_KEY_IN_VALUE = 330 in "MAG0330";
    /// A default or example without a required field.
    MISSING_KEY_IN_VALUE = 331 in "MAG0331";
    /// An unknown annotation.
    UNKNOWN_ANNOTATION = 332 in "MAG0332";
    /// An annotation that applies to nothing.
    ANNOTATION_APPLIES_TO_NOTHING = 333 in "MAG0333";
    /// An annotation with the wrong arguments.
    ANNOTATION_ARGUMENTS = 334 in "MAG0334";
    /// An annotation that stands twice.
    REPEATED_ANNOTATION = 335 in "MAG0335";
    /// A derive that the type can't have.
    BAD_DERIVE = 336 in "MAG0336";
}
