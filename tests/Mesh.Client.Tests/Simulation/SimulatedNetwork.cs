using System.Net;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Simulation;

/// <summary>What lies between one caller and the replicas. Every answer is an event of the virtual clock.</summary>
internal sealed class SimulatedNetwork(VirtualTime time, Random random, IReadOnlyDictionary<string, Replica> replicas) : HttpMessageHandler
{
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(1);
    private const double BreakRate = 0.001;

    /// <summary>Replicas that this caller cannot reach: packets vanish.</summary>
    public HashSet<Replica> Unreachable { get; } = [];

    /// <summary>Hears of each attempt; what it returns hears of its end.</summary>
    public required Func<string, Action<CallOutcome, HttpStatusCode?>> Sent { get; init; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!.IdnHost + ":" + request.RequestUri.Port;
        var ended = Sent(address);
        var replica = replicas[address];

        // Its continuations run where it is completed: on the thread of the simulation, in the event at hand.
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        cancellationToken.UnsafeRegister(_ => End(CancellationOutcome(request), null, () => answer.TrySetCanceled(cancellationToken)), null);
        if (Unreachable.Contains(replica) || replica.Illness == Illness.Hanging)
        {
            return answer.Task;
        }

        var refuses = replica.Illness == Illness.Crashed;
        time.After(refuses ? Refusal : replica.Draw(random), () => Answer(request, replica, refuses, answer, End));
        return answer.Task;

        void End(CallOutcome outcome, HttpStatusCode? status, Func<bool> complete)
        {
            if (!answer.Task.IsCompleted)
            {
                ended(outcome, status);
                complete();
            }
        }
    }

    private void Answer(HttpRequestMessage request, Replica replica, bool refused, TaskCompletionSource<HttpResponseMessage> answer, Action<CallOutcome, HttpStatusCode?, Func<bool>> end)
    {
        if (refused)
        {
            end(CallOutcome.NotSent, null, () => answer.TrySetException(new HttpRequestException(HttpRequestError.ConnectionError, "Nobody listens.")));
            return;
        }

        if (replica.Illness == Illness.Crashed || random.NextDouble() < BreakRate)
        {
            end(CallOutcome.Failure, null, () => answer.TrySetException(new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.")));
            return;
        }

        if (Unreachable.Contains(replica) || replica.Illness == Illness.Hanging)
        {
            // The answer does not arrive.
            return;
        }

        var (outcome, status) = replica.Illness switch
        {
            Illness.Failing => (CallOutcome.Failure, HttpStatusCode.InternalServerError),
            Illness.Flaky when random.Next(3) == 0 => (CallOutcome.Failure, HttpStatusCode.InternalServerError),
            Illness.BadGateway => (CallOutcome.Failure, HttpStatusCode.BadGateway),
            Illness.Overloaded => (CallOutcome.Overload, HttpStatusCode.ServiceUnavailable),
            _ => (CallOutcome.Success, HttpStatusCode.OK),
        };
        var response = new HttpResponseMessage(status) { RequestMessage = request };
        if (outcome == CallOutcome.Overload)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", "1");
        }

        end(outcome, status, () => answer.TrySetResult(response));
    }

    private static CallOutcome CancellationOutcome(HttpRequestMessage request) =>
        request.Options.TryGetValue(SimulatedCaller.CallerToken, out var caller) && caller.IsCancellationRequested ? CallOutcome.CancelledByCaller : CallOutcome.Failure;
}
