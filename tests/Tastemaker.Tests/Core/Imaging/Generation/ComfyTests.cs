using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Generation;

public sealed class ComfyTests
{
    /// <summary>ComfyUI's own example (script_examples/websockets_api_example.py), with a link to the text and a number that is none.</summary>
    public const string Example = """
        {
          "3": {"class_type": "KSampler", "inputs": {"cfg": 8, "denoise": 1, "latent_image": ["5", 0], "model": ["10", 0], "negative": ["7", 0], "positive": ["6", 0], "sampler_name": "euler", "scheduler": "normal", "seed": 18446744073709551615, "steps": 20}},
          "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5-pruned-emaonly.safetensors"}},
          "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 1, "height": 768, "width": 512}},
          "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": ["11", 0]}},
          "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "bad hands"}, "_meta": {"title": "Negative"}},
          "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
          "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}, "is_changed": NaN},
          "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "detail.safetensors", "strength_model": 0.8, "strength_clip": 1.0, "model": ["4", 0], "clip": ["4", 1]}},
          "11": {"class_type": "PrimitiveString", "inputs": {"value": "masterpiece best quality girl"}}
        }
        """;

    [Theory]
    [InlineData("prompt")]
    [InlineData("parameters")]
    public void A_graph_that_ran(string keyword)
    {
        var info = Of((keyword, Example), ("workflow", "{\"nodes\": []}"));

        Assert.Equal((Generator.ComfyUI, "masterpiece best quality girl", "bad hands"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((ulong.MaxValue, 20, 8.0, "euler", "normal"), (info.Seed, info.Steps, info.CfgScale, info.Sampler, info.Scheduler));
        Assert.Equal((512, 768, "v1-5-pruned-emaonly.safetensors"), (info.Width, info.Height, info.Model));
        Assert.Equal([("denoise", "1"), ("batch_size", "1"), ("lora", "detail.safetensors: 0.8")], Settings(info));
    }

    [Fact]
    public void A_graph_in_EXIF_strings_as_savers_of_WebP_write_it()
    {
        var info = GenerationInfo.Of(new EmbeddedMetadata { Exif = new Dictionary<int, string> { [0x0110] = $"prompt:{Example}", [0x010F] = "Workflow:{}" } });

        Assert.Equal((Generator.ComfyUI, "masterpiece best quality girl"), (info?.Generator, info?.Prompt));
    }

    [Fact]
    public void Infotext_that_a_saver_of_ComfyUI_added_is_believed_and_the_graph_says_who_made_it()
    {
        var info = Of(("prompt", Example), ("parameters", InfotextTests.Documented));

        Assert.Equal((Generator.ComfyUI, 965400086UL), (info.Generator, info.Seed));
    }

    [Fact]
    public void Only_the_page_s_workflow()
    {
        var info = Of(("workflow", """
            {"last_node_id": 9, "nodes": [
              {"id": 7, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 5}], "outputs": [], "widgets_values": ["text, watermark"]},
              {"id": 6, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 3}, {"name": "text", "type": "STRING", "link": 20, "widget": {"name": "text"}}], "widgets_values": ["what it was before"]},
              {"id": 5, "type": "EmptyLatentImage", "widgets_values": [640, 512, 4]},
              {"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 1}, {"name": "positive", "link": 4}, {"name": "negative", "link": 6}, {"name": "latent_image", "link": 2}], "widgets_values": [156680208700286, "randomize", 20, 8, "euler", "normal", 1]},
              {"id": 30, "type": "KSampler", "mode": 2, "inputs": [], "widgets_values": [1, "fixed", 1, 1, "ddim", "normal", 1]},
              {"id": 12, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 8}]},
              {"id": 4, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["dreamshaper.safetensors"]},
              {"id": 13, "type": "Some Text Node", "inputs": [{"name": "string", "type": "STRING", "widget": {"name": "string"}, "link": null}], "widgets_values": ["beautiful scenery"]}],
             "links": [[1, 12, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1, "CONDITIONING"], [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"], [8, 4, 0, 12, 0, "MODEL"], [20, 13, 0, 6, 1, "STRING"]]}
            """));

        Assert.Equal((Generator.ComfyUI, "beautiful scenery", "text, watermark"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((156680208700286UL, 20, 8.0, "euler", "normal"), (info.Seed, info.Steps, info.CfgScale, info.Sampler, info.Scheduler));
        Assert.Equal((640, 512, "dreamshaper.safetensors"), (info.Width, info.Height, info.Model));
    }

    [Fact]
    public void A_sampler_in_parts_whose_guider_has_one_side()
    {
        var info = Of(("prompt", """
            {"13": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "sigmas": ["17", 0], "latent_image": ["27", 0]}},
             "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 219670278747233}},
             "22": {"class_type": "BasicGuider", "inputs": {"model": ["12", 0], "conditioning": ["26", 0]}},
             "26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "cute anime girl", "clip": ["11", 0]}},
             "16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
             "17": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 20, "denoise": 1, "model": ["12", 0]}},
             "12": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"}},
             "27": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 1024, "batch_size": 1}}}
            """));

        Assert.Equal(("cute anime girl", "", "euler", "simple", "flux1-dev.safetensors"), (info.Prompt, info.NegativePrompt, info.Sampler, info.Scheduler, info.Model));
        Assert.Equal((219670278747233UL, 20, 1024, 1024), (info.Seed, info.Steps, info.Width, info.Height));
        Assert.Contains(("guidance", "3.5"), Settings(info));
    }

    [Fact]
    public void The_first_pass_is_meant_and_conditioning_is_followed_on_its_side()
    {
        var info = Of(("prompt", """
            {"1": {"class_type": "KSampler", "inputs": {"seed": 2, "steps": 9, "positive": ["4", 0], "negative": ["4", 1], "latent_image": ["5", 0]}},
             "2": {"class_type": "KSamplerAdvanced", "inputs": {"noise_seed": ["9", 0], "steps": 30, "positive": ["4", 0], "negative": ["4", 1], "latent_image": ["6", 0]}},
             "4": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["7", 0], "negative": ["8", 0], "strength": 1.0}},
             "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0]}},
             "6": {"class_type": "EmptyLatentImage", "inputs": {"width": ["10", 0], "height": 1024}},
             "7": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["11", 0], "conditioning_2": ["12", 0]}},
             "8": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["11", 0]}},
             "9": {"class_type": "Seed (rgthree)", "inputs": {"seed": 77}},
             "10": {"class_type": "INTConstant", "inputs": {"value": 896}},
             "11": {"class_type": "CLIPTextEncodeSDXL", "inputs": {"text_g": "a fox", "text_l": "a fox"}},
             "12": {"class_type": "ImpactWildcardEncode", "inputs": {"wildcard_text": "__hat__", "populated_text": "a red hat"}}}
            """));

        Assert.Equal(("a fox, a red hat", "", 77UL, 30, 896, 1024), (info.Prompt, info.NegativePrompt, info.Seed, info.Steps, info.Width, info.Height));
    }

    [Theory]
    [InlineData("""{"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "negative": ["2", 0], "seed": ["1", 0], "model": ["1", 0], "latent_image": ["1", 0]}}, "2": {"class_type": "X", "inputs": {"conditioning": ["3", 0]}}, "3": {"class_type": "X", "inputs": {"conditioning": ["2", 0], "seed": ["3", 0]}}}""")]
    [InlineData("""{"1": {"class_type": "KSampler", "inputs": {"seed": ["2", 0], "positive": ["9", 0]}}, "2": {"class_type": "X", "inputs": {"seed": ["1", 0]}}}""")]
    public void Graphs_that_run_in_circles_end(string graph)
    {
        var info = Of(("prompt", graph));

        Assert.Equal((Generator.ComfyUI, "", "", null), (info.Generator, info.Prompt, info.NegativePrompt, info.Seed));
    }

    [Fact]
    public void A_chain_of_many_nodes_is_followed_only_so_far()
    {
        var nodes = Enumerable.Range(1, 50_000).Select(i => $$"""
            "{{i}}": {"class_type": "X", "inputs": {"conditioning": ["{{i + 1}}", 0], "model": ["{{i + 1}}", 0], "samples": ["{{i + 1}}", 0]} }
            """);

        var info = Of(("prompt", $$"""{"0": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "model": ["1", 0], "latent_image": ["1", 0], "steps": 4} }, {{string.Join(',', nodes)}} }"""));

        Assert.Equal((4, ""), (info.Steps, info.Prompt));
    }

    [Theory]
    [InlineData("[", 200_000)]
    [InlineData("{\"a\":", 200_000)]
    [InlineData("{\"class_type\": \"KSampler\", \"inputs\": ", 100_000)]
    public void Deep_JSON_is_nothing(string part, int times)
    {
        Assert.Null(GenerationInfo.Of(new EmbeddedMetadata { Texts = [new("prompt", $"{{\"1\": {string.Concat(Enumerable.Repeat(part, times))}")] }));
    }

    [Fact]
    public void Halves_of_characters_do_not_matter()
    {
        var info = Of(("prompt", """{"1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "\uDC00": 1, "steps": 3}}, "2": {"class_type": "C", "inputs": {"text": "a \ud83d\ude00 \ud83d b \\ud800 NaN"}}, "3": Infinity, "4": -Infinity}""" + "\ud800"[..0]));

        Assert.Equal(("a 😀 \uFFFD b \\ud800 NaN", 3), (info.Prompt, info.Steps));
    }

    private static GenerationInfo Of(params (string Keyword, string Text)[] texts) =>
        GenerationInfo.Of(new EmbeddedMetadata { Texts = [.. texts.Select(t => new TextEntry(t.Keyword, t.Text))] }) ?? throw new InvalidOperationException("Nothing was found.");

    private static IEnumerable<(string, string)> Settings(GenerationInfo info) => info.Settings.Select(s => (s.Key, s.Value));
}
