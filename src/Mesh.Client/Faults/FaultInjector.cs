using Mesh.Client.Calls;
using Mesh.Client.Telemetry;
using Mesh.Faults;
using Polly;
using Polly.Simmy;
using Polly.Simmy.Latency;
using Polly.Simmy.Outcomes;

namespace Mesh.Client.Faults;

/// <summary>
/// Polly's chaos engine, fed with the mesh's policies. It stands inside the attempt: the attempt's time-out and the
/// call's deadline run while it delays, and what it answers is repeated like an answer of the endpoint. Attempts enter it
/// only where a policy holds for them.
/// </summary>
internal sealed class FaultInjector
{
    private static readonly ResiliencePropertyKey<InjectedFault> FaultKey = new("mesh.fault");

    private readonly MeshClientTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public FaultInjector(MeshClientTelemetry telemetry, TimeProvider time, Random random)
    {
        _telemetry = telemetry;
        _time = time;
        _random = random;
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddChaosLatency(new ChaosLatencyStrategyOptions
            {
                Randomizer = random.NextDouble,
                InjectionRateGenerator = static arguments => ValueTask.FromResult(FaultOf(arguments.Context).Policy.DelayShare),
                LatencyGenerator = static arguments => ValueTask.FromResult(FaultOf(arguments.Context).Delay()),
            })
            .AddChaosOutcome(new ChaosOutcomeStrategyOptions<HttpResponseMessage>
            {
                Randomizer = random.NextDouble,
                InjectionRateGenerator = static arguments => ValueTask.FromResult(FaultOf(arguments.Context).Policy.AbortShare),
                OutcomeGenerator = static arguments => ValueTask.FromResult<Outcome<HttpResponseMessage>?>(FaultOf(arguments.Context).Abort()),
            })
            .Build();
    }

    /// <summary>Sends an attempt, or does something else.</summary>
    public async Task<HttpResponseMessage> SendAsync(MeshHandler handler, InjectedFault fault, Attempt attempt, HttpRequestMessage request)
    {
        fault.Request = request;
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, attempt.Timeout.Token);
        Outcome<HttpResponseMessage> outcome;
        try
        {
            context.Properties.Set(FaultKey, fault);
            outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, state) => TransmitAsync(state.handler, state.attempt, state.request, context.CancellationToken),
                context,
                (handler, attempt, request)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        if (outcome.Result is { } response && !fault.IsInjected(FaultKinds.Abort) && _random.NextDouble() < fault.Policy.BandwidthShare)
        {
            fault.Kinds |= FaultKinds.Bandwidth;
            response.Content = new PacedContent(response.Content, fault.Policy.BytesPerSecond!.Value, _time);
        }

        if (fault.Kinds != FaultKinds.None)
        {
            _telemetry.Faulted(fault.Service, fault.Kinds);
            FaultMark.Tell(fault.Kinds);
            outcome.Result?.Headers.TryAddWithoutValidation(MeshHeaders.Fault, FaultMark.Format(fault.Kinds));
        }

        outcome.ThrowIfException();
        return outcome.Result!;
    }

    private static async ValueTask<Outcome<HttpResponseMessage>> TransmitAsync(
        MeshHandler handler,
        Attempt attempt,
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        try
        {
            return Outcome.FromResult(await handler.TransmitAsync(attempt.Endpoint, request, cancellationToken).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Rethrown above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Outcome.FromException<HttpResponseMessage>(exception);
        }
    }

    private static InjectedFault FaultOf(ResilienceContext context) => context.Properties.GetValue(FaultKey, null!);
}
