using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Spiffe.Tests.Agent;

/// <summary>An agent on a unix socket: a real gRPC server that says what the test puts into it, and can go away and come back.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-agent-").FullName;
    private readonly ConcurrentDictionary<Channel<X509SVIDResponse>, bool> _listeners = new();
    private WebApplication? _app;

    public string Socket => Path.Combine(_folder, "agent.sock");

    public string Address => $"unix://{Socket}";

    /// <summary>What it says at once to whoever listens; <see langword="null"/> for nothing yet.</summary>
    public X509SVIDResponse? State { get; private set; }

    /// <summary>What it refuses with, instead of an answer.</summary>
    public Status? Refusal { get; set; }

    public Func<JWTSVIDRequest, JWTSVIDResponse> Jwt { get; set; } = static _ => new JWTSVIDResponse();

    public Func<ValidateJWTSVIDRequest, ValidateJWTSVIDResponse> Validate { get; set; } = static _ => throw new RpcException(new Status(StatusCode.InvalidArgument, "no"));

    /// <summary>Streams opened, and tokens asked for.</summary>
    public int Streams;

    public int JwtCalls;

    public static async Task<TestAgent> StartAsync()
    {
        var agent = new TestAgent();
        await agent.ResumeAsync();
        return agent;
    }

    public void Say(X509SVIDResponse state)
    {
        State = state;
        foreach (var listener in _listeners.Keys)
        {
            listener.Writer.TryWrite(state);
        }
    }

    public async Task ResumeAsync()
    {
        File.Delete(Socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        _app = builder.Build();
        _app.MapGrpcService<Service>();
        await _app.StartAsync();
    }

    /// <summary>Goes away as a killed process does: streams break off.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await app.StopAsync(hurry.Token);
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Service(TestAgent agent) : SpiffeWorkloadAPI.SpiffeWorkloadAPIBase
    {
        public override async Task FetchX509SVID(X509SVIDRequest request, IServerStreamWriter<X509SVIDResponse> responseStream, ServerCallContext context)
        {
            Admit(context);
            Interlocked.Increment(ref agent.Streams);
            var listener = Channel.CreateUnbounded<X509SVIDResponse>();
            agent._listeners[listener] = true;
            try
            {
                if (agent.State is { } state)
                {
                    await responseStream.WriteAsync(state);
                }

                await foreach (var next in listener.Reader.ReadAllAsync(context.CancellationToken))
                {
                    await responseStream.WriteAsync(next);
                }
            }
            catch (OperationCanceledException)
            {
                // The listener has left.
            }
            finally
            {
                agent._listeners.TryRemove(listener, out _);
            }
        }

        public override Task<JWTSVIDResponse> FetchJWTSVID(JWTSVIDRequest request, ServerCallContext context)
        {
            Admit(context);
            Interlocked.Increment(ref agent.JwtCalls);
            return Task.FromResult(agent.Jwt(request));
        }

        public override Task<ValidateJWTSVIDResponse> ValidateJWTSVID(ValidateJWTSVIDRequest request, ServerCallContext context)
        {
            Admit(context);
            return Task.FromResult(agent.Validate(request));
        }

        private void Admit(ServerCallContext context)
        {
            if (context.RequestHeaders.GetValue("workload.spiffe.io") != "true")
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "security header missing from request"));
            }

            if (agent.Refusal is { } refusal)
            {
                throw new RpcException(refusal);
            }
        }
    }
}
