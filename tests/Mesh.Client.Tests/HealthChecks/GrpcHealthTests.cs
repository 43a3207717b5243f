using System.Net;
using System.Net.Http.Headers;
using CsCheck;
using Google.Protobuf;
using Mesh.Client.HealthChecks;
using Mesh.Client.Tests.Grpc;

namespace Mesh.Client.Tests.HealthChecks;

public sealed class GrpcHealthTests
{
    [Test]
    public void Ask_AnyService_IsWhatProtobufWrites() => Gen.String[Gen.Char['!', '~'], 0, 255].Sample(service =>
    {
        var message = new HealthCheckRequest { Service = service }.ToByteArray();
        byte[] frame = [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];
        Assert.That(GrpcHealth.Ask(service), Is.EqualTo(frame));
    });

    [TestCase(1, null)]
    [TestCase(2, "NOT_SERVING")]
    [TestCase(0, "UNKNOWN")]
    [TestCase(3, "SERVICE_UNKNOWN")]
    public async Task FailureOf_AnswerOfProtobuf_IsRead(int status, string? failure)
    {
        var message = new HealthCheckResponse { Status = (HealthCheckResponse.Types.ServingStatus)status }.ToByteArray();
        using var response = Answer([0, 0, 0, 0, (byte)message.Length, .. message], "0");

        Assert.That(await GrpcHealth.FailureOfAsync(response, CancellationToken.None), Is.EqualTo(failure));
    }

    [TestCase(new byte[] { 0, 0, 0, 0, 2, 8, 1 }, "5", "gRPC status 5")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 8, 1 }, null, "an answer without gRPC status")]
    [TestCase(new byte[0], "0", "an answer that is no HealthCheckResponse")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 8, 9 }, "0", "an answer that is no HealthCheckResponse")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 8 }, "0", "an answer that is no HealthCheckResponse")]
    [TestCase(new byte[] { 1, 0, 0, 0, 2, 8, 1 }, "0", "an answer that is no HealthCheckResponse")]
    public async Task FailureOf_AnythingElse_Fails(byte[] body, string? status, string failure)
    {
        using var response = Answer(body, status);

        Assert.That(await GrpcHealth.FailureOfAsync(response, CancellationToken.None), Is.EqualTo(failure));
    }

    [Test]
    public async Task FailureOf_EndlessAnswer_IsReadToABound()
    {
        using var response = Answer(new byte[1_000_000], "0");

        Assert.That(await GrpcHealth.FailureOfAsync(response, CancellationToken.None), Is.EqualTo("an answer that is too long"));
    }

    private static HttpResponseMessage Answer(byte[] body, string? status)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (status is not null)
        {
            response.TrailingHeaders.TryAddWithoutValidation("grpc-status", status);
        }

        return response;
    }
}
