using Mesh.Client.Calls;
using Mesh.Client.Discovery;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.Telemetry;
using Mesh.Client.Timeouts;
using Mesh.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>
/// Puts <see cref="MeshHandler"/> into the handler chain of every client that belongs to the mesh: innermost, so that
/// the application's own handlers see a call once however many attempts it takes.
/// </summary>
internal sealed partial class MeshHttpClientSetup(MeshClientRegistry registry, IServiceProvider services, ILoggerFactory loggers) : IPostConfigureOptions<HttpClientFactoryOptions>
{
    // By name, because the mesh must not depend on the packages it steps in for.
    private static readonly string[] Superseded =
    [
        "Microsoft.Extensions.Http.Resilience.ResilienceHandler",
        "Microsoft.Extensions.ServiceDiscovery.Http.ResolvingHttpDelegatingHandler",
    ];

    private readonly ILogger _logger = loggers.CreateLogger("Mesh.Client");

    public void PostConfigure(string? name, HttpClientFactoryOptions options)
    {
        name ??= Options.DefaultName;
        if (!registry.Contains(name))
        {
            return;
        }

        // Handlers hold no state of their own and connections have a bounded life, so there is nothing to rotate.
        options.HandlerLifetime = Timeout.InfiniteTimeSpan;
        KeepPrimaryHandler(options.HttpMessageHandlerBuilderActions);
        options.HttpMessageHandlerBuilderActions.Insert(0, static builder => builder.PrimaryHandler = new DefaultPrimaryHandler());
        var lifted = new LiftedTimeout();
        options.HttpMessageHandlerBuilderActions.Add(builder => Complete(name, builder, lifted));
        options.HttpClientActions.Add(client => LiftTimeout(client, lifted));
    }

    // AddGrpcClient() gives its clients a SocketsHttpHandler, not because the application asked for one: the mesh would take
    // it for the application's own transport. Told by the assembly, because the mesh must not depend on it.
    private static void KeepPrimaryHandler(IList<Action<HttpMessageHandlerBuilder>> actions)
    {
        for (var i = 0; i < actions.Count; i++)
        {
            var action = actions[i];
            if (action.Target?.GetType().Assembly.FullName?.StartsWith("Grpc.Net.ClientFactory,", StringComparison.Ordinal) == true)
            {
                actions[i] = builder =>
                {
                    var before = builder.PrimaryHandler;
                    action(builder);
                    if (before is DefaultPrimaryHandler)
                    {
                        builder.PrimaryHandler = before;
                    }
                };
            }
        }
    }

    // HttpClient's own time-out costs a timer, a token source and a registration per call. Where calls go to a service,
    // the mesh bounds headers by the service's time-outs and the body by GuardedContent; a time-out that the
    // application set stays, and so does the default of clients for hosts outside the mesh.
    private void LiftTimeout(HttpClient client, LiftedTimeout lifted)
    {
        if (client is { BaseAddress: { HostNameType: UriHostNameType.Dns } address } && client.Timeout == LiftedTimeout.Default && IsService(address))
        {
            lifted.Lift(client);
        }
    }

    private bool IsService(Uri address) =>
        services.GetRequiredService<ServiceDirectory>().Find(address) is { IsKnown: true }
        || services.GetRequiredService<PolicySource<ClientPolicy>>().Current.Declares(address.IdnHost)
        || services.GetService<IConfiguration>()?.GetSection($"Services:{address.IdnHost}").Exists() == true;

    private void Complete(string name, HttpMessageHandlerBuilder builder, LiftedTimeout lifted)
    {
        HashSet<string> removed = [];
        for (var i = builder.AdditionalHandlers.Count - 1; i >= 0; i--)
        {
            var type = builder.AdditionalHandlers[i].GetType().FullName!;
            if (Superseded.Contains(type))
            {
                builder.AdditionalHandlers.RemoveAt(i);
                if (removed.Add(type))
                {
                    Log.Superseded(_logger, type, name);
                }
            }
        }

        var ownTransport = builder.PrimaryHandler is not DefaultPrimaryHandler;
        if (ownTransport && builder.PrimaryHandler is SocketsHttpHandler or HttpClientHandler)
        {
            Log.ApplicationTransport(_logger, name, builder.PrimaryHandler.GetType().Name);
        }

        builder.AdditionalHandlers.Add(new MeshHandler(
            services.GetRequiredService<ServiceDirectory>(),
            services.GetRequiredService<MirrorLedger>(),
            services.GetRequiredService<MeshClientTelemetry>(),
            services.GetRequiredService<TimeProvider>(),
            Random.Shared,
            ownTransport,
            lifted));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Handler} was removed from HttpClient '{Client}': the mesh does its work, and retries of both would multiply.")]
        public static partial void Superseded(ILogger logger, string handler, string client);

        [LoggerMessage(2, LogLevel.Warning, "HttpClient '{Client}' has a {Handler} of its own: its connections, and so their mutual TLS, are the application's affair.")]
        public static partial void ApplicationTransport(ILogger logger, string client, string handler);
    }
}
