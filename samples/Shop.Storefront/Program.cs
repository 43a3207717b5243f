// A service that is called and calls others: server and client of the mesh.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshServer();
builder.AddMeshClient(); // every HttpClient below: discovery, balancing, retries, mutual TLS, deadlines
builder.Services.AddHttpClient("orders", client => client.BaseAddress = new("https://orders"));
builder.Services.AddHttpClient("catalog", client => client.BaseAddress = new("https://catalog"));

var app = builder.Build();
app.UseMesh();

// No retry, no time-out, no token plumbing here: the two calls inherit the deadline of the request.
app.MapGet("/storefront/{id:int}", async (int id, IHttpClientFactory clients, CancellationToken cancelled) =>
{
    var order = clients.CreateClient("orders").GetFromJsonAsync<Order>($"/orders/{id}", cancelled);
    var product = clients.CreateClient("catalog").GetFromJsonAsync<Product>($"/products/{id}", cancelled);
    return new Page(await order, await product);
});

app.MapMeshState(); // GET /mesh/state: endpoints, ejections, budgets, certificates
app.Run();

internal sealed record Order(int Id, string Content, string? Version);

internal sealed record Product(int Id, string Name, decimal Price);

internal sealed record Page(Order? Order, Product? Product);
