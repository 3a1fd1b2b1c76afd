using System.Diagnostics;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Generation;

/// <summary>Whatever stands where generators write, it is read or it is not; <c>TASTE_FUZZ_SECONDS</c> says how long to try.</summary>
public sealed class GenerationFuzzTests
{
    private static readonly string[] Keywords = ["parameters", "comment", "prompt", "workflow", "invokeai_metadata", "sd-metadata", "Dream", "aesthetic_score", "Score"];

    private static readonly string[] Sources =
    [
        InfotextTests.Documented, ComfyTests.Example,
        """{"nodes": [{"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 1, "widget": {"name": "x"}}], "widgets_values": [1, "fixed", 20, 8, "euler", "normal", 1]}, {"id": 4, "type": "LoraLoader", "widgets_values": {"lora_name": "x"}}], "links": [[1, 4, 0, 3, 0, "MODEL"]]}""",
        """{"nodes": [{"id": 1, "type": "S", "inputs": [{"name": "a", "link": 1}], "properties": {"proxyWidgets": [["-1", "a"], ["2", "seed"]]}, "widgets_values": ["x", 3]}], "links": [[1, 4, 0, 1, 0, "C"]], "definitions": {"subgraphs": [{"id": "S", "inputs": [{"name": "a"}], "nodes": [{"id": 2, "type": "KSampler", "inputs": [{"name": "positive", "link": 1}], "widgets_values": [1, 2, 3]}], "links": [{"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": -20, "target_slot": 0}]}]}}""",
        """{"sui_image_params": {"prompt": "a", "seed": "1"}, "sui_models": [{"param": "model", "hash": "0x1"}], "sui_extra_data": {"date": "x"}}""",
        """{"positive_prompt": "a", "model": {"name": "m", "hash": "h"}, "seed": 1}""",
        """{"model_weights": "x", "image": {"prompt": [{"prompt": "a", "weight": 1}], "seed": 1}}""",
        "\"a dog\" -s 50 -S 42 -W 640 -H 512 -C 7.5 -A k_lms --seamless",
        """{"prompt": "x", "uc": "y", "v4_prompt": {"caption": {"base_caption": "z"}}, "steps": 3}""",
        """{"base_model": "x", "resolution": "(1, 2)", "loras": [["a", 0.1, "b"]]}""",
        "x\nSteps: 20, Skip layers: [1, 2, ], Hashes: {\"a\": \"b\"}, Version: stable-diffusion.cpp, SDCPP: {\"a\": 1}\nTemplate: y\nNegative Template: z",
        "Prompt: a\nSeed: 1\nSteps: 2\nWidth: 3\n",
    ];

    private static readonly string[] Sparks = ["\"", "\\", "\\u", "\\ud800", "\ud800", "{", "}", "[", "]", ",", ":", "\n", "NaN", "-", "1e999", "99999999999999999999", "null", "Negative prompt:", "Template:", ", SDCPP: {", "\0", "512x512"];

    [Fact]
    public void Spoilt_texts_are_read_without_failing()
    {
        var most = TimeSpan.FromSeconds(Math.Max(1.5, Fuzz.Seconds));
        var time = Stopwatch.StartNew();
        for (var seed = 0; time.Elapsed < most; seed++)
        {
            var random = new Random(seed);
            var texts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new TextEntry(random.GetItems(Keywords, 1)[0], Spoilt(random))).ToList();
            var novel = random.Next(8) == 0 ? (TextEntry[])[new("Software", "NovelAI"), new("Comment", Spoilt(random))] : [];
            var metadata = new EmbeddedMetadata
            {
                Texts = [.. texts, .. novel],
                UserComment = random.Next(2) == 0 ? Spoilt(random) : null,
                Exif = new Dictionary<int, string> { [0x010F] = $"prompt:{Spoilt(random)}" },
            };
            try
            {
                var info = GenerationInfo.Of(metadata);
                Assert.All(info?.Settings ?? [], s => Assert.NotEmpty(s.Value));
                var infotext = Infotext.Parse(texts[0].Text);
                Assert.Equal(infotext, Infotext.Parse(infotext.ToString()));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} fails: {e.Message}", e);
            }
        }
    }

    private static string Spoilt(Random random)
    {
        var text = random.GetItems(Sources, 1)[0];
        for (var times = random.Next(0, 6); times > 0; times--)
        {
            var (a, b) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
            (a, b) = (Math.Min(a, b), Math.Max(a, b));
            text = random.Next(5) switch
            {
                0 => text[..a] + text[b..],
                1 => text[..b] + text[a..],
                2 => text[..a],
                3 => text.Insert(a, random.GetItems(Sparks, 1)[0]),
                _ => text.Insert(a, $"{(char)random.Next(0x10000)}"),
            };
        }

        return text;
    }
}
