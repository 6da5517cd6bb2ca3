//! The guide: how to think in tables on an object store, and how to do what a service needs.
//!
//! Read the [tutorial] first. The other chapters stand alone, in about the order in which the questions come up.
//!
//! | chapter | what it answers |
//! |---|---|
//! | [`tutorial`] | How do I store, find, change and delete rows? Ten minutes. |
//! | [`keys`] | Which columns go into the key, in which order, and how are they written? |
//! | [`cost`] | What does a query cost, and when is a database server cheaper? |
//! | [`changes`] | How do I change a row that others change too? |
//! | [`packs`] | When do many rows share one object, and how do I move a table there? |
//! | [`indexes`] | How do I find rows by something else than their key, and what does that cost? |
//! | [`transactions`] | How do I change several rows together? |
//! | [`engines`] | How do DuckDB, Spark and others read my table? |
//! | [`command_line`] | How do I look at tables, change, import and export them without code? |
//! | [`testing`] | How do I test my service, also on a store that fails? |
//! | [`stores`] | Which stores are there, what does each lack, and how do I give it credentials? |
//! | [`errors`] | What do I do about each kind of error? |
//! | [`python`] | Where is each method of the Python library? |
//! | [`comparison`] | When is something else the better choice? |
//! | [`stored_format`] | What exactly is in the bucket? |
//!
//! Every example of the guide is compiled and run by the tests, unless it says that it needs a server.

// The chapters are there without their text too, so that the documentation of derived items can link to them.
#![cfg_attr(not(any(doc, doctest)), allow(missing_docs))]

#[cfg_attr(any(doc, doctest), doc = include_str!("tutorial.md"))]
pub mod tutorial {}

#[cfg_attr(any(doc, doctest), doc = include_str!("keys.md"))]
pub mod keys {}

#[cfg_attr(any(doc, doctest), doc = include_str!("cost.md"))]
///
/// <div>
#[cfg_attr(any(doc, doctest), doc = include_str!("cost.svg"))]
/// </div>
pub mod cost {}

#[cfg_attr(any(doc, doctest), doc = include_str!("changes.md"))]
pub mod changes {}

#[cfg_attr(any(doc, doctest), doc = include_str!("packs.md"))]
pub mod packs {}

#[cfg_attr(any(doc, doctest), doc = include_str!("indexes.md"))]
pub mod indexes {}

#[cfg_attr(any(doc, doctest), doc = include_str!("transactions.md"))]
pub mod transactions {}

#[cfg_attr(any(doc, doctest), doc = include_str!("engines.md"))]
pub mod engines {}

#[cfg_attr(any(doc, doctest), doc = include_str!("command_line.md"))]
pub mod command_line {}

#[cfg_attr(any(doc, doctest), doc = include_str!("testing.md"))]
pub mod testing {}

#[cfg_attr(any(doc, doctest), doc = include_str!("stores.md"))]
pub mod stores {}

#[cfg_attr(any(doc, doctest), doc = include_str!("errors.md"))]
pub mod errors {}

#[cfg_attr(any(doc, doctest), doc = include_str!("python.md"))]
pub mod python {}

#[cfg_attr(any(doc, doctest), doc = include_str!("comparison.md"))]
pub mod comparison {}

#[cfg_attr(any(doc, doctest), doc = include_str!("stored_format.md"))]
pub mod stored_format {}
