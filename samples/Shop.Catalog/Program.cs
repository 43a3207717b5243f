// A second service behind the storefront, as small as one can be.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshServer();

var app = builder.Build();
app.UseMesh();
app.MapGet("/products/{id:int}", (int id) => new Product(id, $"Cup no. {id}", 4.90m + id % 5));
app.Run();

internal sealed record Product(int Id, string Name, decimal Price);
