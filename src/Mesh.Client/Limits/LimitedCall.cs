using Mesh.Client.Calls;
using Mesh.Routing;

namespace Mesh.Client.Limits;

/// <summary>A call of a service that may have only so many at a time.</summary>
internal static class LimitedCall
{
    public static async Task<HttpResponseMessage> RunAsync(MeshHandler handler, CallSlots slots, CallScope call, RouteRule? rule, TimeProvider time)
    {
        if (!slots.TryEnter())
        {
            await WaitAsync(slots, call, time).ConfigureAwait(false);
            call = call with { HasWaited = true };
        }

        try
        {
            return await handler.CallAsync(call, rule).ConfigureAwait(false);
        }
        finally
        {
            slots.Leave();
        }
    }

    private static async ValueTask WaitAsync(CallSlots slots, CallScope call, TimeProvider time)
    {
        var entered = false;
        try
        {
            entered = await slots.WaitAsync(call.Deadline.Remaining(time), call.Caller).ConfigureAwait(false);
        }
        finally
        {
            if (!entered)
            {
                call.Body?.Dispose();
            }
        }

        if (!entered)
        {
            call.Service.RefuseCall(RejectionReason.LimitReached, call.Started);
            throw MeshRejectedException.TooManyCalls(call.Service.Name, call.Policy.Limits.MaxActive, call.Policy.Limits.MaxPending);
        }
    }
}
