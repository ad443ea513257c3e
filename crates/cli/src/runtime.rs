//! Where futures run: on this thread, since all that is done here is wait for sockets.

use crate::cli_error::CliError;

pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let output = runtime.block_on(future);
    // A name that is still being looked up when the time is over would be waited for otherwise.
    runtime.shutdown_background();
    Ok(output)
}
