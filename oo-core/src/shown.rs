//! What `Debug` shows of types that carry texts and ids of people: their shape, and not those.
//!
//! Whoever logs a value means its kind and its numbers. What a person wrote, and what a caller calls them, must not end
//! in a log because somebody wrote `{:?}`.

/// Implements `Debug` for a type by the named fields alone, and says that there are more.
#[macro_export]
macro_rules! debug_without_texts {
    ($name:ident $(<$life:lifetime>)? { $($field:ident),* $(,)? }) => {
        impl $(<$life>)? ::std::fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}
