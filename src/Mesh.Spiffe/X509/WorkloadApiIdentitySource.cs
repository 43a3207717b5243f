using Grpc.Core;
using Mesh.Identity;
using Mesh.Spiffe.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Spiffe;

/// <summary>The identity that the agent streams: rotated when the agent sends the next one, kept while the agent is away.</summary>
internal sealed partial class WorkloadApiIdentitySource : IIdentitySource, IDisposable
{
    private readonly AgentChannel _agent;
    private readonly WorkloadApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReconnectDelay _delay;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _changed = new();
    private volatile X509Identity? _current;
    private X509SVIDResponse? _adopted;
    private volatile string _problem = "it has not answered yet";
    private string? _logged;

    public WorkloadApiIdentitySource(AgentChannel agent, WorkloadApiOptions options, TimeProvider time, Random random, ILogger logger)
    {
        _agent = agent;
        _options = options;
        _time = time;
        _logger = logger;
        _delay = new ReconnectDelay(random);
        _ = Task.Run(ListenAsync);
    }

    public X509Identity Current => _current ?? throw new MeshIdentityException(
        $"The SPIFFE Workload API at {_agent.Address} has given this process no identity: {_problem}.");

    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Waits for the first identity, or until nothing can come any more, or as long as the start may wait.</summary>
    public async Task WaitForFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _first.Task.WaitAsync(_options.StartTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Late(_logger, _agent.Address, _options.StartTimeout, _problem);
        }
    }

    public void Dispose() => _stopping.Cancel();

    private async Task ListenAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var call = _agent.Client.FetchX509SVID(new X509SVIDRequest(), AgentChannel.Headers, cancellationToken: _stopping.Token);
                await foreach (var response in call.ResponseStream.ReadAllAsync(_stopping.Token).ConfigureAwait(false))
                {
                    Consider(response);
                }

                Keep("it ended the stream");
            }
            catch (Exception exception) when (_stopping.IsCancellationRequested && exception is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.InvalidArgument or StatusCode.Unimplemented)
            {
                // It will say the same for ever (Workload API, 4.1).
                Keep(AgentError.Describe(exception));
                Log.GivenUp(_logger, _agent.Address, _problem);
                _first.TrySetResult();
                return;
            }
            catch (RpcException exception)
            {
                Keep(AgentError.Describe(exception));
            }
#pragma warning disable CA1031 // Nobody waits for this task: whatever goes wrong, the last good identity stays and the agent is asked again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Keep(exception.Message);
            }

            if (!await PauseAsync().ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private void Consider(X509SVIDResponse response)
    {
        if (response.Equals(_adopted))
        {
            Recovered();
            return;
        }

        try
        {
            var next = X509Response.Read(response, _options.Hint);
            var now = _time.GetUtcNow();
            if (next.ExpiresAt <= now && _current is { } current && current.ExpiresAt > now)
            {
                Keep("it sent a certificate that has expired");
                return;
            }

            _current = next;
            _adopted = response;
            Recovered();
            Log.Adopted(_logger, next.Id, next.Leaf.SerialNumber, next.ExpiresAt, string.Join(", ", next.Trust.TrustDomains));
        }
        catch (FormatException exception)
        {
            Keep($"what it sent is no identity: {exception.Message}");
            return;
        }

        _first.TrySetResult();
        Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
    }

    private void Recovered()
    {
        _delay.Reset();
        _logged = null;
    }

    // Once per problem: an agent that stays away would fill the log.
    private void Keep(string problem)
    {
        _problem = problem;
        if (problem == _logged)
        {
            return;
        }

        _logged = problem;
        if (_current is { } current)
        {
            Log.Kept(_logger, _agent.Address, problem, current.ExpiresAt);
        }
        else
        {
            Log.None(_logger, _agent.Address, problem);
        }
    }

    private async Task<bool> PauseAsync()
    {
        try
        {
            await Task.Delay(_delay.Next(), _time, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Information, "This process is {Id}, from the Workload API: certificate {SerialNumber}, valid until {ExpiresAt:u}; trust domains: {TrustDomains}.")]
        public static partial void Adopted(ILogger logger, SpiffeId id, string serialNumber, DateTimeOffset expiresAt, string trustDomains);

        [LoggerMessage(22, LogLevel.Warning, "The Workload API at {Address} gives no new identity: {Problem}. The last one stays; it is valid until {ExpiresAt:u}.")]
        public static partial void Kept(ILogger logger, AgentAddress address, string problem, DateTimeOffset expiresAt);

        [LoggerMessage(23, LogLevel.Warning, "The Workload API at {Address} gives no identity: {Problem}. Asking again.")]
        public static partial void None(ILogger logger, AgentAddress address, string problem);

        [LoggerMessage(24, LogLevel.Error, "The Workload API at {Address} will not be asked again before a restart: {Problem}.")]
        public static partial void GivenUp(ILogger logger, AgentAddress address, string problem);

        [LoggerMessage(25, LogLevel.Error, "The Workload API at {Address} has given no identity within {Timeout}: {Problem}. The start goes on without one.")]
        public static partial void Late(ILogger logger, AgentAddress address, TimeSpan timeout, string problem);
    }
}
