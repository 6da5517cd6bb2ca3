//! What work costs, and whether it may.

use std::io::{self, IsTerminal, Write};

use s3aads::{ErrorKind, Price, Pricing, RawQuery, RequestClass};

use crate::failure::Failure;
use crate::output::Output;
use crate::target::Opened;

/// What a command may cost before it asks.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    dollars: f64,
    yes: bool,
    pub(crate) pricing: Pricing,
}

impl Budget {
    pub(crate) fn new(dollars: f64, yes: bool) -> Result<Self, Failure> {
        if dollars.is_nan() || dollars < 0.0 {
            return Err(Failure::arguments(
                "the budget is an amount of US dollars, 0 or more",
            ));
        }
        Ok(Self {
            dollars,
            yes,
            pricing: Pricing::default(),
        })
    }

    /// Whether everything is confirmed beforehand.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.yes
    }

    /// What so many requests of a class cost.
    pub(crate) fn of(&self, class: RequestClass, requests: u64) -> f64 {
        self.pricing.request(class) * requests as f64
    }

    /// Lets work go on whose price is within the budget or confirmed.
    pub(crate) fn allow(
        &self,
        opened: &Opened,
        price: f64,
        what: &str,
        output: &Output,
    ) -> Result<(), Failure> {
        if !opened.is_priced || price <= self.dollars {
            return Ok(());
        }
        let (price, budget) = (Price::of(price), Price::of(self.dollars));
        let message = format!("{what} costs about {price}, and the budget is {budget}");
        self.confirm(&message, output)
    }

    /// Asks, unless it was said before.
    pub(crate) fn confirm(&self, message: &str, output: &Output) -> Result<(), Failure> {
        if self.yes {
            output.note(message);
            return Ok(());
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            let _ = write!(io::stderr(), "{message}; go on? [y/N] ");
            let mut answer = String::new();
            io::stdin().read_line(&mut answer)?;
            if matches!(answer.trim(), "y" | "Y" | "yes") {
                return Ok(());
            }
            return Err(Failure::unconfirmed("not confirmed; nothing was done"));
        }
        Err(Failure::unconfirmed(message).help("a larger `--budget`, or `--yes`, lets it go on"))
    }

    /// The query, as one that stops before its listing costs more than the budget.
    pub(crate) fn limit(&self, opened: &Opened, query: &RawQuery) -> RawQuery {
        if self.yes || !opened.is_priced {
            return query.clone();
        }
        query.request_budget(self.lists())
    }

    /// How many of the dearest requests the budget pays for.
    fn lists(&self) -> u64 {
        let lists = self.dollars / self.pricing.request(RequestClass::List);
        // As far as it goes: a budget of infinity is as many as there can be.
        lists.max(1.0) as u64
    }

    /// How many rows a query has, if that can be found out within the budget; on a store that asks
    /// nothing it is not found out.
    pub(crate) async fn rows(
        &self,
        opened: &Opened,
        query: &RawQuery,
        most: Option<u64>,
    ) -> Result<Option<u64>, Failure> {
        if !opened.is_priced || self.yes {
            return Ok(None);
        }
        if let Some(most) = most
            && self.of(RequestClass::Get, most) <= self.dollars
        {
            return Ok(Some(most));
        }
        match self.limit(opened, query).count().await {
            Ok(rows) => Ok(Some(rows)),
            Err(error) if error.kind() == ErrorKind::BudgetExceeded => {
                let lists = self.lists();
                Err(Failure::unconfirmed(format!(
                    "the table is too large to be counted by {lists} requests ({}), and its rows cost \
                     more than that",
                    Price::of(self.dollars)
                ))
                .help("a larger `--budget`, `--yes`, a filter or `--limit` lets it go on"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the rows of a query be read if their price is within the budget or confirmed.
    pub(crate) async fn allow_rows(
        &self,
        opened: &Opened,
        query: &RawQuery,
        most: Option<u64>,
        output: &Output,
    ) -> Result<Option<u64>, Failure> {
        let rows = self.rows(opened, query, most).await?;
        if let Some(rows) = rows {
            let price =
                self.of(RequestClass::Get, rows) + self.of(RequestClass::List, rows.div_ceil(1000));
            self.allow(opened, price, &format!("reading {rows} rows"), output)?;
        }
        Ok(rows)
    }
}
