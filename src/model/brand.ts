declare const brand: unique symbol

/** A value of type `T` that only counts as `Name` where it was made one on purpose. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
