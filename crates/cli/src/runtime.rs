//! Where futures run: on this thread, since all that is done here is wait for sockets.

use crate::fault::Fault;

pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}
