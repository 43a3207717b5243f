using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Mirroring;
using Mesh.State;

namespace Mesh.Client.State;

/// <summary>What the client knows at this moment: services, endpoints, ejections, budgets. Resolve it from the service container.</summary>
public sealed class MeshClientState : IMeshStateSource
{
    private readonly ServiceDirectory _directory;
    private readonly MirrorLedger _mirrors;
    private readonly TimeProvider _time;

    internal MeshClientState(ServiceDirectory directory, MirrorLedger mirrors, TimeProvider time)
    {
        _directory = directory;
        _mirrors = mirrors;
        _time = time;
    }

    /// <summary>The services this process has called so far, in order of their names.</summary>
    public IReadOnlyList<ServiceStateView> GetServices() => [.. _directory.Known.Select(View)];

    /// <summary>
    /// The scheme that the endpoints of a service speak which is called as <c>https+http</c>; <see langword="null"/> as long as
    /// nobody has called it. Who writes it into a URI spares the call to write the URI again.
    /// </summary>
    /// <param name="service">The host name calls use.</param>
    public string? FindScheme(string service) =>
        _directory.Find(ServiceDirectory.EitherScheme, service) is { IsKnown: true, Endpoints.All.Length: > 0 } target ? target.Endpoints.Scheme : null;

    string IMeshStateSource.Name => "client";

    void IMeshStateSource.Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("policyRevision", _directory.PolicyRevision);
        writer.WriteStartArray("services");
        foreach (var service in GetServices())
        {
            writer.WriteStartObject();
            writer.WriteString("name", service.Name);
            writer.WriteString("scheme", service.Scheme);
            writer.WriteNumber("retries", service.Retries);
            writer.WriteNumber("hedges", service.Hedges);
            if (service.HedgeDelay is { } delay)
            {
                writer.WriteNumber("hedgeDelayMs", delay.TotalMilliseconds);
            }

            writer.WriteNumber("retryBudget", service.RetryBudget);
            writer.WriteNumber("retriesRefused", service.RetriesRefused);
            writer.WriteNumber("refused", service.Refused);
            if (service.CircuitBreaker is { } circuit)
            {
                Write(writer, circuit);
            }

            if (service.Throttled is { } throttled)
            {
                writer.WriteNumber("throttled", throttled);
            }

            if (service is { Active: { } active, Pending: { } pending })
            {
                writer.WriteNumber("active", active);
                writer.WriteNumber("pending", pending);
            }

            if (service.AccessToken is { } token)
            {
                Write(writer, token);
            }

            writer.WriteStartArray("endpoints");
            foreach (var endpoint in service.Endpoints)
            {
                Write(writer, endpoint);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("mirroring");
        writer.WriteNumber("active", _mirrors.Active);
        writer.WriteNumber("sent", _mirrors.Sent);
        writer.WriteNumber("dropped", _mirrors.Dropped);
        writer.WriteNumber("tooLarge", _mirrors.TooLarge);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CircuitStateView circuit)
    {
        writer.WriteStartObject("circuitBreaker");
        writer.WriteString("state", circuit.State.ToString());
        writer.WriteNumber("openings", circuit.Openings);
        if (circuit.OpenFor is { } left)
        {
            writer.WriteNumber("openForMs", (long)left.TotalMilliseconds);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AccessTokenStateView token)
    {
        writer.WriteStartObject("accessToken");
        writer.WriteString("source", token.Source);
        if (token.ExpiresIn is { } left)
        {
            writer.WriteNumber("expiresInMs", (long)left.TotalMilliseconds);
        }

        if (token.Callers is { } callers)
        {
            writer.WriteNumber("callers", callers);
        }

        WriteUnlessNull(writer, "failure", token.Failure);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, EndpointStateView endpoint)
    {
        writer.WriteStartObject();
        writer.WriteString("address", endpoint.Address);
        Write(writer, endpoint.Metadata);
        writer.WriteString("condition", endpoint.Condition.ToString());
        writer.WriteString("peer", endpoint.Peer);
        writer.WriteNumber("active", endpoint.Active);
        writer.WriteNumber("requests", endpoint.Requests);
        writer.WriteNumber("failures", endpoint.Failures);
        writer.WriteNumber("peakEwmaMs", endpoint.PeakLatency.TotalMilliseconds);
        writer.WriteNumber("p50Ms", endpoint.MedianLatency.TotalMilliseconds);
        writer.WriteNumber("p99Ms", endpoint.TailLatency.TotalMilliseconds);
        if (endpoint.Reason is { } reason)
        {
            writer.WriteString("reason", reason.ToString());
        }

        if (endpoint.EjectedFor is { } ejected)
        {
            writer.WriteNumber("ejectedForMs", (long)ejected.TotalMilliseconds);
        }

        if (endpoint.HealthCheck is { } check)
        {
            writer.WriteStartObject("healthCheck");
            writer.WriteBoolean("passed", check.Failure is null);
            WriteUnlessNull(writer, "failure", check.Failure);
            writer.WriteNumber("ageMs", (long)check.Age.TotalMilliseconds);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    // What discovery left unsaid is left out.
    private static void Write(Utf8JsonWriter writer, EndpointMetadata metadata)
    {
        writer.WriteNumber("weight", metadata.Weight);
        writer.WriteNumber("priority", metadata.Priority);
        WriteUnlessNull(writer, "region", metadata.Region);
        WriteUnlessNull(writer, "zone", metadata.Zone);
        WriteUnlessNull(writer, "subZone", metadata.SubZone);
        WriteUnlessNull(writer, "version", metadata.Version);
        WriteUnlessNull(writer, "identity", metadata.Identity?.ToString());
        if (metadata.Labels.Count > 0)
        {
            writer.WriteStartObject("labels");
            foreach (var (name, value) in metadata.Labels)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteUnlessNull(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private ServiceStateView View(ServiceTarget service) => new(
        service.Port is { } port ? $"{service.Name}:{port}" : service.Name,
        service.Endpoints.Scheme,
        service.Retries,
        service.Budget.Balance(_time.GetTimestamp()),
        service.Budget.Exhausted,
        [.. service.Endpoints.All.OrderBy(static endpoint => endpoint.Address, StringComparer.Ordinal).Select(View)])
    {
        Hedges = service.Hedges,
        HedgeDelay = service.MeasuredDelay.Known,
        CircuitBreaker = service.Gate?.Breaker is { } breaker ? new CircuitStateView(breaker.State, service.OpenFor(_time.GetTimestamp()), breaker.Openings) : null,
        Throttled = service.Gate?.Throttle?.Share(_time.GetTimestamp()),
        Refused = service.Refused,
        Active = service.Slots?.Active,
        Pending = service.Slots?.Pending,
        AccessToken = service.Tokens?.View(),
    };

    private EndpointStateView View(Endpoint endpoint)
    {
        var now = _time.GetTimestamp();
        var health = endpoint.Health;
        TimeSpan? ejected = !health.IsEjected || health.Until <= now ? null : _time.GetElapsedTime(now, health.Until);
        return new EndpointStateView(
            endpoint.Address,
            endpoint.Metadata,
            health is { IsHealthy: true, FailsChecks: true } ? EndpointCondition.Unhealthy : health.Condition,
            ejected,
            endpoint.Peer?.ToString(),
            endpoint.Active,
            endpoint.Requests,
            endpoint.Failures,
            endpoint.PeakLatency(now),
            endpoint.Latency.Quantile(0.5),
            endpoint.Latency.Quantile(0.99))
        {
            Reason = health.IsEjected ? health.Reason : null,
            HealthCheck = endpoint.Checks?.Last is { } check ? new HealthCheckStateView(check.Failure, _time.GetElapsedTime(check.At, now)) : null,
        };
    }
}
