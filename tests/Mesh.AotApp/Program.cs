using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.AddMeshServer();
builder.AddMeshClient();
builder.Services.AddHttpClient("greeter", static client => client.BaseAddress = new("https://greeter"));
builder.Services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, AppJson.Default));

await using var app = builder.Build();
app.UseMesh();

// Asked in plain HTTP from outside; calls its own other endpoint as one service calls another.
app.MapGet("/ask", static async Task<Greeting?> (string name, IHttpClientFactory clients, CancellationToken cancelled) =>
    await clients.CreateClient("greeter").GetFromJsonAsync($"/greetings/{name}", AppJson.Default.Greeting, cancelled));

app.MapGet("/greetings/{name}", static (string name) => new Greeting($"Hello, {name}!", MeshContext.Current?.Peer?.ToString()));

await app.StartAsync();

// The port is known only now, and nobody has asked for the service before.
app.Configuration["Services:greeter:https:0"] = app.Urls.Single(static url => url.StartsWith("https:", StringComparison.Ordinal));
await app.WaitForShutdownAsync();

internal sealed record Greeting(string Text, string? Caller);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Greeting))]
internal sealed partial class AppJson : JsonSerializerContext;
