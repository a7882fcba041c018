//! X, with its requests or answers changed on the way: for what the simulator does not do by
//! itself.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mistnet::x::router::RouterTransport;
use mistnet::x::{HttpRequest, HttpResponse, Transport, TransportError};
use serde_json::Value;

/// What is changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Doctor {
    /// X returns at most so many tweets, whatever is asked for.
    pub page_size: Option<u64>,
    /// Changes each page.
    pub edit: Option<fn(&mut Value)>,
    /// Changes the bytes of the nth page, counted from 1.
    pub damage: Option<fn(u64, &mut Vec<u8>)>,
}

impl Doctor {
    /// X as it is, with every page changed by `edit`.
    pub fn editing(edit: fn(&mut Value)) -> Self {
        Self { edit: Some(edit), ..Self::default() }
    }

    /// X as it is, with pages of ten whose bytes `damage` changes.
    pub fn damaging(damage: fn(u64, &mut Vec<u8>)) -> Self {
        Self { damage: Some(damage), ..Self::pages_of(10) }
    }

    /// X as it is, with pages of at most so many tweets.
    pub fn pages_of(page_size: u64) -> Self {
        Self { page_size: Some(page_size), ..Self::default() }
    }

    pub fn between(self, x: RouterTransport) -> Doctored {
        Doctored { doctor: self, x, pages: AtomicU64::new(0) }
    }
}

#[derive(Debug)]
pub struct Doctored {
    doctor: Doctor,
    x: RouterTransport,
    pages: AtomicU64,
}

#[async_trait]
impl Transport for Doctored {
    async fn get(&self, mut request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if let Some(most) = self.doctor.page_size {
            let asked = request.params.iter_mut().filter(|(name, _)| name == "max_results");
            asked.for_each(|(_, value)| {
                *value = value.parse::<u64>().unwrap().min(most).to_string();
            });
        }
        let mut response = self.x.get(request).await?;
        if let Some(edit) = self.doctor.edit.filter(|_| response.status == 200) {
            let mut page = serde_json::from_slice(&response.body).unwrap();
            edit(&mut page);
            response.body = page.to_string().into();
        }
        if let Some(damage) = self.doctor.damage.filter(|_| response.status == 200) {
            let mut body = response.body.to_vec();
            damage(self.pages.fetch_add(1, Ordering::Relaxed) + 1, &mut body);
            response.body = body.into();
        }
        Ok(response)
    }
}
