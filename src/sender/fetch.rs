//! Fetching one page: ask X, decide what counts, store it, send the parts that it completes.

use std::collections::HashSet;
use std::time::Duration;

use super::turn::Turn;
use super::turn_over::TurnOver;
use crate::model::price::Reads;
use crate::model::record::{Body, PageHeader, Then, Trouble};
use crate::model::step::{Arrival, Salvage};
use crate::model::{Cursor, TweetId};
use crate::store::{Creation, StoreError};
use crate::telemetry;
use crate::x::{self, Answer, Failure, PageSummary, Paid};

/// How long a process that was told to stop waits for an answer that is under way: it may be paid
/// for. Orchestrators give 30 s as a rule, and the rest of the way out has to fit in too.
const LAST_ANSWER: Duration = Duration::from_secs(15);

/// How long a process that was told to stop goes on trying to store a page that was paid for.
/// Docker grants 10 s (docs.docker.com, `docker stop`, read 2026-11-30), of which the way out takes
/// some.
const LAST_TRIES: Duration = Duration::from_secs(6);

/// The pause between two tries to store a page that is in memory only.
const STORE_AGAIN: Duration = Duration::from_secs(1);

impl Turn<'_> {
    /// Asks for a page; `Some` ends the turn.
    pub(super) async fn fetch(
        &mut self,
        cursor: Cursor,
        max_results: u64,
    ) -> Result<Option<TurnOver>, StoreError> {
        let request = x::search_request(&self.created.spec, &cursor, max_results);
        match self.ask(&request).await {
            Some(Ok(answer)) => {
                self.backoff.succeeded();
                self.page(request.params, cursor, max_results, answer).await
            }
            Some(Err(failure)) => self.failed(failure, max_results).await,
            None => {
                self.progress.answer_lost(max_results);
                Ok(None)
            }
        }
    }

    /// Makes one attempt. `None`: the process has to stop, and the answer did not come in time.
    async fn ask(&self, request: &x::SearchRequest) -> Option<Result<Answer, Failure>> {
        let too_late = async {
            self.stopping().await;
            self.sender.clock.sleep(LAST_ANSWER).await;
        };
        let began = self.sender.clock.elapsed();
        let attempt = tokio::select! {
            biased;
            answer = self.sender.x.search(request) => Some(answer),
            () = too_late => None,
        };
        let took = self.sender.clock.elapsed().saturating_sub(began);
        let outcome = outcome(attempt.as_ref());
        metrics::counter!(telemetry::X_REQUESTS, "outcome" => outcome).increment(1);
        metrics::histogram!(telemetry::X_REQUEST_SECONDS).record(took.as_secs_f64());
        attempt
    }

    async fn failed(
        &mut self,
        failure: Failure,
        max_results: u64,
    ) -> Result<Option<TurnOver>, StoreError> {
        match failure {
            Failure::Wait { until, why } => {
                let delay = self.sender.clock.now().duration_until(until);
                let delay = delay.try_into().unwrap_or(Duration::ZERO);
                self.wait(delay, why.to_string()).await.map(Some)
            }
            Failure::Unavailable { retry_after, paid, size, detail } => {
                self.backoff.failed(size);
                let jittered = self.backoff.delay((self.sender.settings.chance)());
                let delay = retry_after.unwrap_or_default().max(jittered);
                tracing::warn!(collection.id = %self.created.id, detail, ?delay, "X is unavailable");
                match paid {
                    Paid::No => self.wait_or_sleep(delay, detail).await,
                    Paid::Perhaps => {
                        self.progress.answer_lost(max_results);
                        self.end_with_loss(delay, detail).await.map(Some)
                    }
                }
            }
            Failure::CursorRefused { detail } => {
                if self.progress.give_up_token() {
                    tracing::warn!(collection.id = %self.created.id, detail, "going on by id");
                    return Ok(None);
                }
                let hint = "report this with the log of the collection".into();
                let trouble = Trouble { code: "cursor_refused".into(), detail, hint };
                self.fail(trouble).await.map(Some)
            }
            Failure::NoPage { detail } => {
                let again = self.backoff.without_page((self.sender.settings.chance)());
                let Some(delay) = again else { return self.park(no_page(detail)).await.map(Some) };
                tracing::warn!(collection.id = %self.created.id, detail, ?delay, "X sent no page");
                self.sleep(delay).await;
                Ok(None)
            }
            Failure::Park(trouble) => self.park(trouble).await.map(Some),
            Failure::Failed(trouble) => self.fail(trouble).await.map(Some),
        }
    }

    async fn wait_or_sleep(
        &mut self,
        delay: Duration,
        reason: String,
    ) -> Result<Option<TurnOver>, StoreError> {
        if delay > self.sender.settings.patience {
            return self.wait(delay, reason).await.map(Some);
        }
        self.sleep(delay).await;
        Ok(None)
    }

    async fn page(
        &mut self,
        request: Vec<(String, String)>,
        cursor: Cursor,
        max_results: u64,
        answer: Answer,
    ) -> Result<Option<TurnOver>, StoreError> {
        let origin = self.origin(request, answer.fetched_at);
        match readable(answer.page, &answer.body) {
            Ok(summary) => {
                let fresh = self.today.fresh(answer.fetched_at, &summary);
                let arrival = arrival(&summary, fresh);
                let seen = self.keep_looking(&arrival).await?;
                let header = self.progress.accept(cursor, &arrival, &seen, origin);
                if let Some(over) = self.store(&header, &answer.body).await? {
                    return Ok(Some(over));
                }
                self.say_what_is_unreadable(&header, &summary);
                self.check_first_page(&header, &summary).await
            }
            Err(SetAside { reason, salvage }) => {
                // What it cost can't be read either.
                self.progress.answer_lost(max_results);
                let header =
                    self.progress.accept_undecodable(cursor, reason.clone(), &salvage, origin);
                if let Some(over) = self.store(&header, &answer.body).await? {
                    return Ok(Some(over));
                }
                let trouble = undecodable_page(&header, &reason);
                if leads_nowhere(&header) {
                    return self.fail(trouble).await.map(Some);
                }
                self.park(trouble).await.map(Some)
            }
        }
    }

    /// Says, once a page, what of it can't become a row, and whether it had to be mended.
    fn say_what_is_unreadable(&self, header: &PageHeader, summary: &PageSummary) {
        let (page, entries) = (header.page, summary.unreadable());
        if entries > 0 {
            tracing::warn!(
                collection.id = %self.created.id, page.number = page, unreadable = entries,
                "entries of a page have no readable id; they are in no row, and kept in the page"
            );
        }
        if let Some(flaw) = &summary.flaw {
            tracing::warn!(
                collection.id = %self.created.id, page.number = page, flaw,
                "a page is no proper JSON, and could be read all the same"
            );
        }
        if summary.end_unknown {
            tracing::warn!(
                collection.id = %self.created.id, page.number = page,
                "a page does not say whether another one follows; going on by id"
            );
        }
    }

    /// Stores a page and sends what it completes. The page is paid for, so it is held until the
    /// store takes it; when the process has to end, for [`LAST_TRIES`] more.
    async fn store(
        &mut self,
        header: &PageHeader,
        body: &[u8],
    ) -> Result<Option<TurnOver>, StoreError> {
        match self.keep_storing(header, body).await {
            Ok(Creation::Created | Creation::Same) => self.page_stored(),
            Ok(Creation::Differs) => {
                self.progress.paid_in_vain(header.reads);
                return self.overtaken().await.map(Some);
            }
            Err(error) => {
                self.give_up(header.reads);
                return Err(error);
            }
        }
        metrics::counter!(telemetry::PAGES).increment(1);
        metrics::counter!(telemetry::ROWS).increment(header.rows());
        metrics::counter!(telemetry::COST_MICRO_USD).increment(header.reads.cost().micros());
        tracing::debug!(
            collection.id = %self.created.id, page.number = header.page, tweets = header.tweets,
            rows = header.rows(), "page stored"
        );
        self.upstream.page(self.sender, &self.created.id, header).await;
        Ok(None)
    }

    /// Which tweets of a page came before. The page is paid for and nowhere but in memory, so it is
    /// held while the store can't say, like one that can't be stored.
    async fn keep_looking(&mut self, arrival: &Arrival) -> Result<HashSet<TweetId>, StoreError> {
        let suspects = self.progress.suspects(&arrival.ids);
        loop {
            let error = match self.seen_before(&suspects).await {
                Err(error) => error,
                seen => return seen,
            };
            // Of a store that is gone, nothing that is missing is damage.
            let passes = error.is_passing() || self.sender.store.check().await.is_err();
            if !passes || self.is_stopping() {
                self.give_up(arrival.reads);
                return Err(error);
            }
            self.sender.clock.sleep(STORE_AGAIN).await;
        }
    }

    /// Counts a page that was paid for and has to be let go.
    fn give_up(&mut self, reads: Reads) {
        self.progress.paid_in_vain(reads);
        self.sender.shared.note_unsaved(reads.cost());
    }

    /// Tries to store a page until it is stored, or the process has to end and gave it up.
    async fn keep_storing(&self, header: &PageHeader, body: &[u8]) -> Result<Creation, StoreError> {
        let clock = &*self.sender.clock;
        let (mut said, mut ends) = (false, None);
        loop {
            let error = match self.log.create_page(header, body).await {
                Err(error) if error.is_passing() => error,
                done => return done,
            };
            if !std::mem::replace(&mut said, true) {
                tracing::error!(collection.id = %self.created.id, %error, "page waits for the store");
            }
            if self.is_stopping() {
                let end = *ends.get_or_insert(clock.elapsed() + LAST_TRIES);
                if clock.elapsed() >= end {
                    return Err(error);
                }
            } else if self.interrupted() && matches!(self.is_superseded().await, Ok(true)) {
                // The newer turn counted this answer when it began.
                return Ok(Creation::Differs);
            }
            clock.sleep(STORE_AGAIN).await;
        }
    }

    /// X drops unknown field names silently and charges all the same, so the first page with
    /// tweets tells whether the request was understood.
    async fn check_first_page(
        &mut self,
        header: &PageHeader,
        summary: &PageSummary,
    ) -> Result<Option<TurnOver>, StoreError> {
        let first = header.tweets > 0 && header.so_far.tweets == header.tweets;
        match x::missing_on_first_page(&self.created.spec, summary).filter(|_| first) {
            Some(trouble) => self.park(trouble).await.map(Some),
            None => Ok(None),
        }
    }

    /// Which of `suspects` came on an earlier page. Results come id-descending, so there are none
    /// unless X repeats itself or an id is out of order; then the pages are searched, newest first.
    async fn seen_before(&self, suspects: &[TweetId]) -> Result<HashSet<TweetId>, StoreError> {
        let mut unknown: HashSet<TweetId> = suspects.iter().copied().collect();
        let mut seen = HashSet::new();
        let mut page = self.progress.page();
        while page > 0 && !unknown.is_empty() {
            page -= 1;
            let record = self.log.page(page).await?;
            if record.header.body != Body::Answer {
                // Its tweets became no rows, so they have not been seen.
                continue;
            }
            let ids = x::summarise(&record.body).map(|summary| summary.ids).unwrap_or_default();
            seen.extend(ids.iter().filter(|id| unknown.remove(id)));
        }
        Ok(seen)
    }
}

/// A page of which no row can be taken.
#[derive(Debug, PartialEq, Eq)]
struct SetAside {
    reason: String,
    salvage: Salvage,
}

/// So many entries without anything called `id` are no accident: X has changed its form. Our own
/// choice; X's smallest page has ten.
const RENAMED: u64 = 10;

/// What a page holds. A page that counts tweets and has none under any name that we know is not
/// taken for an empty one: its tweets would be lost without a word. Nor is one that neither has a
/// tweet nor says whether others follow.
fn readable(page: x::Page, body: &[u8]) -> Result<PageSummary, SetAside> {
    let summary = page.map_err(|undecodable| SetAside {
        reason: undecodable.to_string(),
        salvage: x::salvage(body),
    })?;
    if !summary.ids.is_empty() {
        return Ok(summary);
    }
    let reason = match summary.stated_count {
        Some(stated) if stated > 0 && summary.unreadable() == 0 => {
            format!("it counts {stated} tweets, and none is where tweets should be")
        }
        _ if summary.nameless >= RENAMED => {
            format!("none of its {} tweets has an id", summary.nameless)
        }
        _ if summary.end_unknown => {
            "it has no tweet with an id, and does not say whether others follow".to_owned()
        }
        _ if summary.strange_data > 0 && summary.next_token.is_none() => {
            "its `data` is neither a list nor an object".to_owned()
        }
        _ => return Ok(summary),
    };
    let PageSummary { next_token, stated_lowest: lowest_id, .. } = summary;
    Err(SetAside { reason, salvage: Salvage { next_token, lowest_id } })
}

/// What became of an attempt, as a metric's label.
fn outcome(attempt: Option<&Result<Answer, Failure>>) -> &'static str {
    match attempt {
        Some(Ok(_)) => "page",
        Some(Err(Failure::Wait { .. })) => "wait",
        Some(Err(Failure::Unavailable { .. })) => "unavailable",
        Some(Err(Failure::CursorRefused { .. })) => "cursor_refused",
        Some(Err(Failure::NoPage { .. })) => "no_page",
        Some(Err(Failure::Park(_))) => "parked",
        Some(Err(Failure::Failed(_))) => "failed",
        None => "abandoned",
    }
}

fn arrival(summary: &PageSummary, fresh: Reads) -> Arrival {
    Arrival {
        ids: summary.ids.clone(),
        gaps: summary.gaps.clone(),
        unreadable: summary.unreadable(),
        next_token: summary.next_token.clone(),
        end_unknown: summary.end_unknown,
        reads: summary.reads,
        fresh,
    }
}

fn no_page(detail: String) -> Trouble {
    Trouble {
        code: "no_page".into(),
        detail,
        hint: "it stayed so when asked again, and no post was charged: look at X's status page; \
               mistnet resume ID asks again"
            .into(),
    }
}

/// Whether a person can't do more than ask for the same page: there is none before it to go on from,
/// or the place could not be read twice.
fn leads_nowhere(header: &PageHeader) -> bool {
    match header.body {
        Body::Undecodable { then: Some(Then::Nowhere), .. } => true,
        Body::Undecodable { then: Some(Then::Again), .. } => header.so_far.lowest_id.is_none(),
        _ => false,
    }
}

fn undecodable_page(header: &PageHeader, reason: &str) -> Trouble {
    let then = match &header.body {
        Body::Undecodable { then, .. } => *then,
        Body::Answer | Body::Closed => None,
    };
    let hint = match then.unwrap_or(Then::Again) {
        Then::Behind => {
            "its posts are in no row: look at it with zstd -dc; mistnet resume ID goes on behind it, \
             and does not ask for it again"
        }
        Then::Again => {
            "it does not say where the next page starts: look at it with zstd -dc; mistnet resume ID \
             asks for the same posts once more, which X may charge again, and never a third time"
        }
        Then::Nowhere => {
            "it is not asked for a third time: mistnet cancel ID delivers what has come; a new \
             collection can ask for the time before and after this page"
        }
    };
    Trouble {
        code: "undecodable_page".into(),
        detail: format!(
            "X's answer could not be read ({reason}); it is kept as page {}",
            header.page
        ),
        hint: hint.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tweets_under_an_unknown_name_are_no_empty_page() {
        assert_eq!(read(r#"{"meta":{"result_count":0}}"#).unwrap().ids, []);
        let renamed = r#"{"posts":[{"id":"1"}],"meta":{"result_count":1,"next_token":"t"}}"#;
        let SetAside { reason, salvage } = read(renamed).unwrap_err();
        assert!(reason.contains("counts 1 tweets"), "{reason}");
        assert!(salvage.next_token.is_some(), "it is not bought again");
        let post = r#"{"post_id":"1","text":"x"},"#.repeat(10);
        let ids = format!(r#"{{"data":[{}],"meta":{{}}}}"#, post.trim_end_matches(','));
        assert!(read(&ids).unwrap_err().reason.contains("none of its 10"));
    }

    #[test]
    fn a_page_is_set_aside_only_if_no_row_is_in_it_and_nothing_tells_what_follows() {
        for body in [
            r#"{"data":[null],"meta":{"next_token":"t"}}"#,
            r#"{"data":[{"text":"x"}],"meta":{"result_count":1}}"#,
            r#"{"data":"x","meta":{"next_token":"t"}}"#,
            r#"{"data":[{"id":"1"}]}"#,
            r#"{"data":[{"id":"1"},null],"meta":7}"#,
            r#"{"meta":{}}"#,
        ] {
            assert!(read(body).is_ok(), "{body}");
        }
        for body in [
            r#"{"data":[7]}"#,
            r#"{"data":[{"text":"x"}],"meta":null}"#,
            r#"{"data":"x","meta":{}}"#,
            r#"{"includes":{"users":[{"id":"1"}]}}"#,
            r#"{"meta":{"next_token":""}}"#,
            r#"{"data":[{"id":"1"}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    fn read(body: &str) -> Result<PageSummary, SetAside> {
        readable(x::summarise(body.as_bytes()), body.as_bytes())
    }
}
