using Mesh.Client.Timeouts;

namespace Mesh.Client.Calls;

/// <summary>A call that leaves the mesh: untouched, but bounded as it would be without the mesh.</summary>
/// <param name="send">The way it goes.</param>
/// <param name="lifted">Whether the bound is ours to keep.</param>
/// <param name="time">The clock.</param>
internal sealed class OutsideCall(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, LiftedTimeout lifted, TimeProvider time)
{
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        lifted.IsLifted ? SendInTimeAsync(request, cancellationToken) : send(request, cancellationToken);

    private async Task<HttpResponseMessage> SendInTimeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var timeout = AttemptTimeout.Start(LiftedTimeout.Default, time, cancellationToken);
        try
        {
            var response = await send(request, timeout.Token).ConfigureAwait(false);
            if (GuardedContent.IsGuarded(response))
            {
                GuardedContent.Attach(response, LiftedTimeout.Default, time, recovery: null);
            }

            return response;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw CallTimeout.OutsideTheMesh(LiftedTimeout.Default, exception);
        }
        finally
        {
            timeout.Return();
        }
    }
}
