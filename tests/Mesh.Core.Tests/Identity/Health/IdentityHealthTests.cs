using System.Diagnostics.Metrics;
using Mesh.Hosting;
using Mesh.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Identity.Health;

internal sealed class IdentityHealthTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [TestCase(0, HealthStatus.Healthy)]
    [TestCase(17, HealthStatus.Healthy)]
    [TestCase(19, HealthStatus.Degraded)]
    [TestCase(25, HealthStatus.Unhealthy)]
    public async Task Check_HoursAfterTheIssueOf24_Says(int hours, HealthStatus expected)
    {
        await using var services = Build(Issue(), Start.AddHours(hours));

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.That(report.Entries["mesh-identity"].Status, Is.EqualTo(expected));
        Assert.That(report.Entries["mesh-identity"].Description, Does.Contain("spiffe://shop.example/ns/shop/sa/orders").And.Contain("2030-01-02 00:00:00Z"));
    }

    [Test]
    public async Task Check_NoIdentity_IsUnhealthyAndSaysWhatToConfigure()
    {
        await using var services = Build(null, Start);

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.That(report.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["mesh-identity"].Description, Does.Contain("Mesh:Identity:Source"));
    }

    [Test]
    public async Task Expiry_IsSecondsThatAreLeft()
    {
        await using var services = Build(Issue(), Start.AddHours(23));
        List<double> measured = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => Follow(services, instrument, listener) };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured.Add(value));
        listener.Start();

        foreach (var check in services.GetServices<MeshStartupCheck>())
        {
            check.Check();
        }

        listener.RecordObservableInstruments();

        Assert.That(measured, Is.EqualTo(new[] { 3600.0 }));
    }

    private static void Follow(IServiceProvider services, Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "mesh.identity.expiry" && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static FixedSource Issue()
    {
        using var issuer = CertificateIssuer.Create("shop.example", "CA", TimeSpan.FromDays(9), Start);
        return new FixedSource(new X509Identity(
            issuer.Issue(SpiffeId.ForService("shop.example", "shop", "orders"), TimeSpan.FromHours(24), Start),
            [],
            new TrustBundles("shop.example", issuer.Anchor)));
    }

    private static ServiceProvider Build(IIdentitySource? identity, DateTimeOffset now)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(now));
        if (identity is not null)
        {
            services.AddSingleton(identity);
        }

        services.AddHealthChecks().AddMeshIdentity();
        return services.BuildServiceProvider();
    }

    private sealed class FixedSource(X509Identity identity) : IIdentitySource
    {
        public X509Identity Current => identity;

        public IChangeToken GetChangeToken() => new CancellationChangeToken(CancellationToken.None);
    }
}
