using Mesh.Server.Deadlines;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Deadlines;

internal sealed class InboundDeadlineTests
{
    [TestCase(null, null, null, null, -1, -1)]
    [TestCase("250m", null, null, null, 250, -1)]
    [TestCase(null, "2S", null, null, 2000, 2000)]
    [TestCase(null, null, "700", null, 700, 700)]
    [TestCase("900m", "500m", "700", null, 500, 500)]
    [TestCase("900m", "2S", "700", null, 700, 700)]
    [TestCase("500m", "2S", "700", null, 500, 700)]
    [TestCase(null, null, null, 300, 300, 300)]
    [TestCase("1S", null, null, 300, 300, 300)]
    [TestCase("100m", null, null, 300, 100, 300)]
    [TestCase("0m", null, null, 300, 0, 300)]
    [TestCase("soon", "-1S", "1.5", null, -1, -1)]
    [TestCase("100m,200m", null, "99999999999999999999", null, -1, -1)]
    public void Read_Fields_TakesTheEarliestReadable(string? mesh, string? grpc, string? envoy, int? bound, int answer, int end)
    {
        var headers = new HeaderDictionary();
        Set(MeshHeaders.Timeout, mesh);
        Set(MeshHeaders.GrpcTimeout, grpc);
        Set(MeshHeaders.EnvoyExpectedTimeout, envoy);

        var deadline = InboundDeadline.Read(headers).Within(bound is { } limit ? TimeSpan.FromMilliseconds(limit) : null);

        Assert.That(deadline, Is.EqualTo(new InboundDeadline(TimeSpan.FromMilliseconds(answer), TimeSpan.FromMilliseconds(end))));

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                headers[name] = value.Split(',');
            }
        }
    }
}
