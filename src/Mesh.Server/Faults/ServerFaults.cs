using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Mesh.Server.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Faults;

/// <summary>
/// Puts faults into requests, right in front of the application: whoever looks at the service from outside, the shedder and
/// the deadline included, takes them for the application's own.
/// </summary>
internal sealed class ServerFaults(ServerFault[] faults, TimeProvider time, Random random)
{
    /// <summary>Validates and compiles options.</summary>
    /// <returns><see langword="null"/> when there are no faults.</returns>
    public static ServerFaults? Compile(List<ServerFaultOptions> options, string path, ConfigurationErrors errors, FaultGuard guard, TimeProvider time)
    {
        var faults = new List<ServerFault>();
        for (var i = 0; i < options.Count; i++)
        {
            var entryPath = $"{path}:{i}";
            options[i].Validate(entryPath, errors);
            if (options[i].Fault is { } fault)
            {
                var policy = FaultPolicy.Compile(fault, $"{entryPath}:{nameof(ServerFaultOptions.Fault)}", errors);
                guard.Check(policy, errors);
                faults.Add(new ServerFault([.. options[i].Paths], [.. options[i].Methods], policy));
            }
        }

        return faults.Count == 0 ? null : new ServerFaults([.. faults], time, Random.Shared);
    }

    /// <summary>What holds for a request, or <see langword="null"/>.</summary>
    public FaultPolicy? Find(HttpContext http, string path)
    {
        foreach (var fault in faults)
        {
            if (fault.Takes(http.Request.Method, path))
            {
                return fault.Policy.For(new RequestHeaders(http.Request.Headers));
            }
        }

        return null;
    }

    /// <summary>Serves a request, or does something else.</summary>
    public async Task ServeAsync(HttpContext http, MeshRequest request, FaultPolicy policy, RequestDelegate next)
    {
        var kinds = (random.NextDouble() < policy.DelayShare ? FaultKinds.Delay : FaultKinds.None)
            | (random.NextDouble() < policy.AbortShare ? FaultKinds.Abort
                : random.NextDouble() < policy.BandwidthShare ? FaultKinds.Bandwidth : FaultKinds.None);
        if (kinds == FaultKinds.None)
        {
            await next(http).ConfigureAwait(false);
            return;
        }

        Mark(http, kinds);
        if ((kinds & FaultKinds.Delay) != FaultKinds.None)
        {
            await Task.Delay(policy.Delay!.Value, time, http.RequestAborted).ConfigureAwait(false);
        }

        if ((kinds & FaultKinds.Abort) != FaultKinds.None)
        {
            request.WasServed = false;
            await AbortAsync(http, policy.Abort!).ConfigureAwait(false);
        }
        else if ((kinds & FaultKinds.Bandwidth) != FaultKinds.None)
        {
            await ServeSlowlyAsync(http, policy.BytesPerSecond!.Value, next).ConfigureAwait(false);
        }
        else
        {
            await next(http).ConfigureAwait(false);
        }
    }

    private static void Mark(HttpContext http, FaultKinds kinds)
    {
        http.RequestServices.GetService<MeshServerTelemetry>()?.Faulted(kinds);
        FaultMark.Tell(kinds);

        // At the start of the response, because an exception handler clears the fields that were set before.
        var mark = FaultMark.Format(kinds);
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.Append(MeshHeaders.Fault, mark);
            return Task.CompletedTask;
        });
    }

    private static Task AbortAsync(HttpContext http, FaultAbort abort)
    {
        switch (abort.Kind)
        {
            case FaultAbortKind.ConnectionError:
                http.Abort();
                return Task.CompletedTask;
            case FaultAbortKind.GrpcStatus:
                // "Trailers-Only": the status in the header, and no message.
                http.Response.ContentType = "application/grpc";
                http.Response.Headers["grpc-status"] = $"{abort.Status}";
                http.Response.Headers["grpc-message"] = ServerProblems.InjectedFault(abort.Status).Title;
                return Task.CompletedTask;
            default:
                if (abort.Status >= StatusCodes.Status400BadRequest)
                {
                    return ServerProblems.InjectedFault(abort.Status).WriteAsync(http);
                }

                http.Response.StatusCode = abort.Status;
                return Task.CompletedTask;
        }
    }

    private async Task ServeSlowlyAsync(HttpContext http, int bytesPerSecond, RequestDelegate next)
    {
        var body = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var paced = new PacedBody(body, new BodyPace(bytesPerSecond, time));
        http.Features.Set<IHttpResponseBodyFeature>(paced);
        try
        {
            await next(http).ConfigureAwait(false);
            await paced.FinishAsync().ConfigureAwait(false);
        }
        finally
        {
            http.Features.Set(body);
        }
    }

    private readonly struct RequestHeaders(IHeaderDictionary headers) : IFaultHeaders
    {
        public string? Find(string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;
    }
}
