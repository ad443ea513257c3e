//! The business logic: which topics may be created, and a record of what became of them.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tencent_im_callback::{CallbackHandler, Context, Decision, GroupCode, Result, async_trait, group};

/// The code that the client of a user with a forbidden word gets, with a text.
const FORBIDDEN_WORD: GroupCode = GroupCode::new(10_123);

/// So many entries of the log are kept.
const LOG_LENGTH: usize = 1_000;

/// Decides on the topics of an app's communities, and keeps count of them.
///
/// It holds everything in memory, so that after a restart the count begins anew. The methods are
/// asynchronous: where that matters a database takes the place of the lock.
#[derive(Debug)]
pub struct Topics {
    forbidden_words: Vec<String>,
    per_creator: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The topics that there are, by id.
    open: HashMap<String, Topic>,
    log: VecDeque<Entry>,
}

#[derive(Debug)]
struct Topic {
    group_id: String,
    creator: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A topic was created.
    Created {
        /// The topic's id.
        topic_id: String,
        /// Its name, where the service sent it.
        name: Option<String>,
        /// The user id of the creator, where the service sends it.
        creator: Option<String>,
    },
    /// A topic is gone, by itself or with its community.
    Destroyed {
        /// The topic's id.
        topic_id: String,
    },
}

impl Topics {
    /// Topics whose names contain none of `forbidden_words`, in any case, and at most `per_creator` of each user.
    pub fn new(forbidden_words: impl IntoIterator<Item: AsRef<str>>, per_creator: usize) -> Self {
        let forbidden_words = forbidden_words.into_iter().map(|word| word.as_ref().to_lowercase()).collect();
        Self { forbidden_words, per_creator, state: Mutex::default() }
    }

    /// What has happened, the latest last.
    pub fn log(&self) -> Vec<Entry> {
        self.state().log.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No method leaves the state half changed, so a panic elsewhere is no reason to stop.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CallbackHandler for Topics {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        let name = event.name.to_lowercase();
        if let Some(word) = self.forbidden_words.iter().find(|word| name.contains(word.as_str())) {
            let text = format!("the name contains \"{word}\"");
            return Ok(Decision::refuse_with(FORBIDDEN_WORD, text));
        }
        // Two requests at once can both pass: only created topics count, and a topic that
        // was allowed is not always created.
        if self.state().created_by(&event.operator_account) >= self.per_creator {
            return Ok(Decision::Refuse);
        }
        Ok(Decision::Allow)
    }

    async fn group_after_create_topic(&self, _ctx: &Context, event: group::AfterCreateTopic) -> Result<()> {
        self.state().create(event);
        Ok(())
    }

    async fn group_after_topic_destroyed(&self, _ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()> {
        let mut state = self.state();
        for topic_id in event.topic_id_list {
            state.destroy(topic_id);
        }
        Ok(())
    }

    async fn group_after_group_destroyed(&self, _ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        // Whether the topics of a disbanded community are reported one by one is undocumented.
        self.state().disband(&event.group_id);
        Ok(())
    }
}

// Every change looks at what is there first: the service may send a callback twice.
impl State {
    fn created_by(&self, creator: &str) -> usize {
        self.open.values().filter(|topic| topic.creator.as_deref() == Some(creator)).count()
    }

    fn create(&mut self, event: group::AfterCreateTopic) {
        let group::AfterCreateTopic { group_id, topic_id, name, operator_account: creator, .. } = event;
        if self.open.contains_key(&topic_id) {
            return;
        }
        self.open.insert(topic_id.clone(), Topic { group_id, creator: creator.clone() });
        self.note(Entry::Created { topic_id, name, creator });
    }

    fn destroy(&mut self, topic_id: String) {
        if self.open.remove(&topic_id).is_some() {
            self.note(Entry::Destroyed { topic_id });
        }
    }

    fn disband(&mut self, group_id: &str) {
        let gone: Vec<_> = self.open.extract_if(|_, topic| topic.group_id == group_id).collect();
        for (topic_id, _) in gone {
            self.note(Entry::Destroyed { topic_id });
        }
    }

    fn note(&mut self, entry: Entry) {
        tracing::info!("{entry}");
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(entry);
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created { topic_id, name, creator } => {
                let (name, creator) = (name.as_deref().unwrap_or("?"), creator.as_deref().unwrap_or("?"));
                write!(f, "created {topic_id} {name:?} by {creator}")
            }
            Self::Destroyed { topic_id } => write!(f, "destroyed {topic_id}"),
        }
    }
}
