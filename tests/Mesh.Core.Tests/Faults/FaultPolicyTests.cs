using CsCheck;
using Mesh.Configuration;
using Mesh.Faults;

namespace Mesh.Core.Tests.Faults;

public sealed class FaultPolicyTests
{
    [Test]
    public void Compile_WhatIsWrong_IsNamedWithItsPath()
    {
        var errors = new ConfigurationErrors();

        FaultPolicy.Compile(new FaultOptions(), "A", errors);
        FaultPolicy.Compile(
            new FaultOptions
            {
                Delay = new FaultDelayOptions { Percent = 101 },
                Abort = new FaultAbortOptions { HttpStatus = 100, GrpcStatus = "LOST", Percent = -1 },
                Bandwidth = new FaultBandwidthOptions { BytesPerSecond = 0, Percent = double.NaN },
            },
            "B",
            errors);
        FaultPolicy.Compile(new FaultOptions { Abort = new FaultAbortOptions() }, "C", errors);
        FaultPolicy.Compile(new FaultOptions { Abort = new FaultAbortOptions { ConnectionError = true, HttpStatus = 503 } }, "D", errors);

        Assert.That(errors.All.Select(static error => error[..error.IndexOf(": ", StringComparison.Ordinal)]), Is.EquivalentTo(new[]
        {
            "A", "B:Delay:FixedDelay", "B:Delay:Percent", "B:Abort:HttpStatus", "B:Abort:Percent", "B:Abort", "B:Abort:GrpcStatus",
            "B:Bandwidth:BytesPerSecond", "B:Bandwidth:Percent", "C:Abort", "D:Abort",
        }));
    }

    [TestCase("UNAVAILABLE", 14)]
    [TestCase("unavailable", 14)]
    [TestCase("resource-exhausted", 8)]
    [TestCase("16", 16)]
    [TestCase("CANCELLED", 1)]
    public void Compile_GrpcStatus_IsItsNumber(string text, int status)
    {
        var errors = new ConfigurationErrors();

        var policy = FaultPolicy.Compile(new FaultOptions { Abort = new FaultAbortOptions { GrpcStatus = text } }, "F", errors);

        Assert.That(errors.All, Is.Empty);
        Assert.That(policy.Abort, Is.EqualTo(new FaultAbort(FaultAbortKind.GrpcStatus, status)));
        Assert.That((policy.AbortShare, policy.DelayShare, policy.BandwidthShare), Is.EqualTo((1d, 0d, 0d)));
    }

    [TestCase("0")]
    [TestCase("17")]
    [TestCase("OK")]
    [TestCase("-1")]
    public void Compile_NoGrpcFailure_IsRefused(string text)
    {
        var errors = new ConfigurationErrors();

        FaultPolicy.Compile(new FaultOptions { Abort = new FaultAbortOptions { GrpcStatus = text } }, "F", errors);

        Assert.That(errors.All.Single(), Does.StartWith($"F:Abort:GrpcStatus: found '{text}', allowed is a number from 1 to 16 or one of CANCELLED,"));
    }

    [Test]
    public void For_OrdersWhereTheyAreNotAllowed_StaysAsItIs()
    {
        var policy = Compile(new FaultOptions { Abort = new FaultAbortOptions { HttpStatus = 500, Percent = 10 } });

        Assert.That(policy.For(new Headers((MeshHeaders.FaultAbort, "503"))), Is.SameAs(policy));
    }

    [Test]
    public void For_NoOrders_StaysAsItIs()
    {
        var policy = Compile(new FaultOptions { FromHeaders = true });

        Assert.That(policy.For(new Headers([])), Is.SameAs(policy));
        Assert.That((policy.DelayShare, policy.AbortShare, policy.BandwidthShare), Is.EqualTo((0d, 0d, 0d)));
    }

    [Test]
    public void For_Orders_AreCarriedOutUpToTheConfiguredShares()
    {
        var policy = Compile(new FaultOptions
        {
            FromHeaders = true,
            Delay = new FaultDelayOptions { FixedDelay = TimeSpan.FromSeconds(9), Percent = 20 },
            Abort = new FaultAbortOptions { HttpStatus = 500, Percent = 40 },
        });

        var ordered = policy.For(new Headers(
            (MeshHeaders.FaultDelay, "1s500ms"), (MeshHeaders.FaultDelayPercent, "70"),
            (MeshHeaders.FaultAbort, "grpc:UNAVAILABLE"), (MeshHeaders.FaultAbortPercent, "12.5"),
            (MeshHeaders.FaultBandwidth, "1024")));

        Assert.That((ordered.Delay, ordered.DelayShare), Is.EqualTo((TimeSpan.FromSeconds(1.5), 0.2)));
        Assert.That((ordered.Abort, ordered.AbortShare), Is.EqualTo((new FaultAbort(FaultAbortKind.GrpcStatus, 14), 0.125)));
        Assert.That((ordered.BytesPerSecond, ordered.BandwidthShare), Is.EqualTo((1024, 1d)));
    }

    [TestCase(MeshHeaders.FaultAbort, "503", FaultAbortKind.HttpStatus, 503)]
    [TestCase(MeshHeaders.FaultAbort, "grpc:7", FaultAbortKind.GrpcStatus, 7)]
    [TestCase(MeshHeaders.FaultAbort, "Connection", FaultAbortKind.ConnectionError, 0)]
    public void For_AnAbort_IsRead(string name, string value, FaultAbortKind kind, int status) =>
        Assert.That(Compile(new FaultOptions { FromHeaders = true }).For(new Headers((name, value))).Abort, Is.EqualTo(new FaultAbort(kind, status)));

    [TestCase(MeshHeaders.FaultAbort, "199")]
    [TestCase(MeshHeaders.FaultAbort, "600")]
    [TestCase(MeshHeaders.FaultAbort, "grpc:0")]
    [TestCase(MeshHeaders.FaultAbort, "503, 504")]
    [TestCase(MeshHeaders.FaultDelay, "5")]
    [TestCase(MeshHeaders.FaultDelay, "0s")]
    [TestCase(MeshHeaders.FaultDelay, "-1s")]
    [TestCase(MeshHeaders.FaultDelay, "6m")]
    [TestCase(MeshHeaders.FaultBandwidth, "0")]
    [TestCase(MeshHeaders.FaultBandwidth, "1e3")]
    [TestCase(MeshHeaders.FaultBandwidthPercent, "NaN")]
    [TestCase(MeshHeaders.FaultBandwidthPercent, "101")]
    public void For_WhatCannotBeRead_OrdersNothing(string name, string value)
    {
        var policy = Compile(new FaultOptions { FromHeaders = true });

        Assert.That(policy.For(new Headers((name, value))), Is.SameAs(policy));
    }

    [Test]
    public void For_AnyText_NeverThrowsNorExceedsTheShares() =>
        Gen.Select(Gen.Int[0, 3], Gen.String)
            .Sample(static (field, value) =>
            {
                string[] names = [MeshHeaders.FaultDelay, MeshHeaders.FaultAbort, MeshHeaders.FaultBandwidth, MeshHeaders.FaultAbortPercent];
                var policy = Compile(new FaultOptions { FromHeaders = true, Abort = new FaultAbortOptions { HttpStatus = 500, Percent = 30 } });
                var ordered = policy.For(new Headers((names[field], value)));
                return ordered.AbortShare is >= 0 and <= 0.3 && ordered.Delay is not { TotalMinutes: > 5 };
            });

    private static FaultPolicy Compile(FaultOptions options)
    {
        var errors = new ConfigurationErrors();
        var policy = FaultPolicy.Compile(options, "F", errors);
        Assert.That(errors.All, Is.Empty);
        return policy;
    }

    private readonly struct Headers(params (string Name, string Value)[] fields) : IFaultHeaders
    {
        private readonly Dictionary<string, string> _fields = fields.ToDictionary(static field => field.Name, static field => field.Value);

        public string? Find(string name) => _fields.GetValueOrDefault(name);
    }
}
