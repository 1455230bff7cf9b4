//! What a queue on streams is made of: its declaration, its stream, and the group of its consumers. Knows no messages.

use ::redis::Value;

use super::GROUP;
use crate::backend::redis::answer::read;
use crate::backend::redis::declaration::{check, fields, pairs};
use crate::backend::redis::keys::QueueKeys;
use crate::backend::redis::link::Link;
use crate::backend::redis::scripts::Script;
use crate::broker::QueueDeclaration;
use crate::error::{Error, ErrorKind};

/// Makes one queue, or its group where only that was lost.
pub(super) async fn declare(
    link: &Link,
    prefix: &str,
    queue: &QueueDeclaration,
) -> Result<(), Error> {
    let keys = QueueKeys::new(prefix, &queue.name);
    let fields = fields(queue);
    let mut arguments = vec![GROUP.as_bytes()];
    for (name, value) in &fields {
        arguments.extend([name.as_bytes(), value.as_bytes()]);
    }
    let keys = [&*keys.declaration, &keys.stream];
    let answer = link.run_script(Script::Declare, &keys, &arguments).await?;
    let (what, exists): (String, Value) = read(answer)?;
    if what == "occupied" {
        let kind: String = read(exists)?;
        let message = format!("queue `{}`: its key holds a {kind}", queue.name);
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    check(queue, &pairs(exists)?)
}
